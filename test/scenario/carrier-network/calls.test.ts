import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Test } from 'tap';
import { decodeWav } from '../../../src/audio/wav.js';
import type { PhoneEvent } from '../../../src/demo/phone/phone-event.js';
import { words } from '../../support/audio-clips.js';
import { PhoneProcess, clipsOf } from '../../support/phone-process.js';
import { eventually } from '../../support/eventually.js';
import type { WireResult } from '../../support/server-process.js';
import { understand } from '../../support/understand.js';
import { OUR_NUMBER, THEIR_NUMBER, startNetwork } from './network.js';

// A carrier between the telephones and us: Kamailio stays in every dialog, rtpengine
// carries the audio, encrypted on our side and plain on the other.

const FLOW = `
trunkline: 1
id: line-check
language: en-US
start: greeting
fallback: lost
nodes:
  greeting:
    say: Hello. This is Harbor Bank with a test of your telephone line.
    next: question
  question:
    ask: Can you hear me well?
    kind: yes_no
    yes: heard
    no: lost
  heard:
    end: end
    reason: heard
    say: Thank you. Then your line is good. Goodbye.
  lost:
    end: end
    reason: not heard
    say: I am sorry. Goodbye.
`;
const RTP_PER_SECOND = 50;

const [yes = ''] = await clipsOf(['Yes, I can hear you.']);
/** Answers and lets the bot hang up. */
const patient = { steps: [{ say: yes }], hangupAfter: 'never', maxCallMs: 40_000, noiseDbfs: -65 };
/** Hangs up in the middle of the bot's first words. */
const hasty = { steps: [], hangupAfter: 2_500, maxCallMs: 40_000, noiseDbfs: -65 };

const inCall = (wanted: PhoneEvent['event'], script: string) => (event: PhoneEvent) => event.event === wanted && event.script === script;

/** Nothing of it was lost on any of the four ways, and it was there all the time. */
function soundWhole(t: Test, ended: PhoneEvent, result: WireResult): void {
  const seconds = (ended.durationMs ?? 0) / 1000;
  const { packetsReceived = 0, packetsLost = -1 } = ended.stats ?? {};
  t.equal(packetsLost, 0, 'the telephone missed nothing');
  t.ok(packetsReceived > (seconds - 0.5) * RTP_PER_SECOND, `it got ${packetsReceived} packets in ${seconds} s`);
  const media = result.media ?? {};
  t.equal(media['packetsLost'], 0, 'we missed nothing');
  t.ok((media['packetsReceived'] ?? 0) > (seconds - 0.7) * RTP_PER_SECOND, `we got ${media['packetsReceived']} packets in ${seconds} s`);
  t.equal(media['packetsUnauthenticated'] ?? 0, 0, 'and each was authentic');
}

t.test('calls through Kamailio and rtpengine, TLS and SRTP on our side', async (t) => {
  const directory = t.testdir();
  const callee = await PhoneProcess.start(join(directory, 'callee'), { patient: { ...patient, user: THEIR_NUMBER }, hasty: { ...hasty, user: '+14155552672' } }, ['--record', join(directory, 'callee')]);
  t.teardown(() => callee.stop());
  const network = await startNetwork(t, { encrypted: true, phone: `sip:127.0.0.1:${callee.port}`, flow: { id: 'line-check', text: FLOW } });
  const { server, rtpengine } = network;
  await server.event(({ type }) => type === 'trunk.up', 15_000, 'trunk.up');

  await t.test('we call, and hang up', async (t) => {
    const task = await server.createTask({ to: THEIR_NUMBER, flow: 'line-check' });
    const ended = await callee.event(inCall('ended', 'patient'), 40_000);
    const result = await server.result(task);
    t.match(result, { disposition: 'answered_human', sipStatus: 200, endedBy: 'bot', trunk: 'carrier', verdict: { reason: /^heard$/ } });
    t.match(ended, { by: 'bot', status: 200 });
    soundWhole(t, ended, result);
    const wav = decodeWav(readFileSync(ended.recording ?? ''));
    const heard = await understand(wav.channels[0] ?? new Int16Array());
    const found = new Set(words(heard));
    for (const word of ['hello', 'bank', 'telephone', 'line', 'thank', 'good']) t.ok(found.has(word), `the telephone heard "${word}" in: ${heard}`);
  });

  await t.test('we call, and the telephone hangs up', async (t) => {
    const task = await server.createTask({ to: '+14155552672', flow: 'line-check' });
    const ended = await callee.event(inCall('ended', 'hasty'), 40_000);
    const result = await server.result(task);
    t.match(result, { disposition: 'answered_human', endedBy: 'caller' });
    t.match(ended, { by: 'caller' });
    soundWhole(t, ended, result);
  });

  for (const [name, script, by] of [['hang up', patient, 'bot'], ['it hangs up', hasty, 'caller']] as const) {
    await t.test(`a telephone calls us, and ${name === 'hang up' ? 'we hang up' : name}`, async (t) => {
      const before = (await server.results('line-check')).length;
      const caller = await PhoneProcess.start(join(directory, name), { script }, ['--place', `sip:${OUR_NUMBER}@127.0.0.1:${network.phonePort}`]);
      t.teardown(() => caller.stop());
      const ended = await caller.event(inCall('ended', 'script'), 40_000);
      const results = await server.resultsWhen('line-check', before + 1);
      const result = results.find(({ direction, endedBy }) => direction === 'inbound' && endedBy === by);
      if (result === undefined) throw new Error(`no such result: ${JSON.stringify(results)}`);
      t.match(result, { disposition: 'answered_human', trunk: 'carrier' });
      t.match(ended, { by, status: 200 });
      soundWhole(t, ended, result);
    });
  }

  await t.test('the carrier keeps nothing of calls that are over', async (t) => {
    await eventually('an empty rtpengine', 5_000, async () => ((await rtpengine.calls()).length === 0 ? true : undefined));
    // Audio of the callee may overtake the 200 with the key for it.
    const complaints = rtpengine.log.split('\n').filter((line) => /\b(?:ERR|CRIT)\b/.test(line) && !line.includes('no crypto suite was negotiated'));
    t.same(complaints, [], 'rtpengine had nothing to complain about');
    t.notMatch(network.kamailio.log, /\b(?:ERROR|CRITICAL|BUG)\b/, 'nor had Kamailio');
  });
});
