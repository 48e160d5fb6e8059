import { readFileSync } from 'node:fs';
import t from 'tap';
import { resample } from '../../../src/audio/resample.js';
import { decodeWav } from '../../../src/audio/wav.js';
import { delay, systemClock } from '../../../src/kernel/clock.js';
import { silence, words } from '../../support/audio-clips.js';
import { Linphone } from '../../support/linphone.js';
import { clipsOf } from '../../support/phone-process.js';
import { understand } from '../../support/understand.js';
import type { TranscriptLine } from '../../../src/store/store.js';
import { OUR_NUMBER, startNetwork } from './network.js';

// A second softphone that is none of ours, through the same carrier: keys, hold and
// resume (re-INVITEs along a route set), speech both ways.

const FLOW = `
trunkline: 1
id: keypad-check
language: en-US
start: welcome
fallback: lost
defaults: { silence_ms: 8000 }
nodes:
  welcome:
    say: Welcome to Harbor Bank. I am the automated assistant.
    next: account
  account:
    ask: What is your account number?
    kind: digits
    slot: account
    min_digits: 6
    max_digits: 8
    next: read_back
  read_back:
    ask: I have {account}. Is that right?
    kind: yes_no
    yes: thanks
    no: lost
  thanks:
    end: handoff
    queue: cards
    reason: known caller
    say: Thank you. Our payment team will take care of it tomorrow.
  lost:
    end: end
    reason: not understood
    say: I am sorry. Goodbye.
`;
const HOLD_MS = 2_000;
const LIMIT_MS = 30_000;

/** At 8 kHz. */
function samplesOf(path: string): Int16Array {
  const { sampleRate, channels } = decodeWav(readFileSync(path));
  return resample({ sampleRate, samples: channels[0] ?? new Int16Array() }, 8000).samples;
}

const [yes = silence(0)] = (await clipsOf(['Yes.'])).map(samplesOf);

t.test('linphone presses keys, holds, comes back and speaks', async (t) => {
  const phone = await Linphone.start();
  t.teardown(() => phone.stop());
  const { server, phonePort } = await startNetwork(t, { encrypted: true, phone: `sip:127.0.0.1:${phone.port}`, flow: { id: 'keypad-check', text: FLOW } });
  const said = (speaker: string, pattern: RegExp): Promise<unknown> =>
    server.event(({ type, data }) => type === 'call.transcript' && (data['line'] as TranscriptLine).speaker === speaker && pattern.test((data['line'] as TranscriptLine).text), LIMIT_MS, `${speaker} saying ${String(pattern)}`);

  phone.say(silence(120_000));
  phone.type(`call sip:${OUR_NUMBER}@127.0.0.1:${phonePort}`);
  await phone.says(/Media streams established/, LIMIT_MS);
  await said('bot', /your account number/);
  phone.type('1234567#');
  await said('caller', /1234567/);
  await said('bot', /Is that right/);

  const held = phone.mark;
  phone.type('pause');
  await phone.says(/is now paused/, LIMIT_MS, held);
  await delay(systemClock, HOLD_MS);
  phone.type('resume');
  await phone.says(/Media streams established/, LIMIT_MS, held);

  phone.say(yes);
  const [result] = await server.resultsWhen('keypad-check', 1);
  t.match(result, { direction: 'inbound', endedBy: 'bot', trunk: 'carrier', slots: { account: '1234567' }, verdict: { kind: 'handoff', queue: 'cards' } });
  t.equal(result?.media?.['packetsLost'], 0, 'no packet was lost');
  const heard = await understand(await phone.recording());
  const found = new Set(words(heard));
  for (const word of ['welcome', 'automated', 'assistant', 'payment', 'tomorrow']) t.ok(found.has(word), `linphone heard "${word}" in: ${heard}`);
});
