import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { JsonChild } from '../../../bench/support/child.js';
import { concatenate } from '../../../src/audio/tone.js';
import { resample } from '../../../src/audio/resample.js';
import { decodeWav } from '../../../src/audio/wav.js';
import { joinClips, silence, words } from '../../support/audio-clips.js';
import { Baresip } from '../../support/baresip.js';
import { ServerProcess, trunklineProgram } from '../../support/server-process.js';
import type { WireResult } from '../../support/server-process.js';
import { understand } from '../../support/understand.js';

// A softphone that is none of ours calls, and is called.

const flow = (name: string): string => fileURLToPath(new URL(`../../../examples/flows/${name}.yaml`, import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'trunkline-real-peers-'));
t.teardown(() => rmSync(directory, { recursive: true, force: true }));

/** Models are loaded, a flow is trained and its prompts are rendered before anything is said. */
const RUN_MS = 160_000;

/** One run of the command line that must succeed. */
async function run(...args: string[]): Promise<readonly Record<string, unknown>[]> {
  const child = new JsonChild(args[0] ?? '', trunklineProgram(...args));
  await child.end(RUN_MS);
  return child.lines;
}

/** Sentences in the voice of the mouth, as `trunkline speak` makes them, at 8 kHz. */
async function speak(...texts: string[]): Promise<Int16Array[]> {
  const orders = texts.map((text, index) => ({ text, out: join(directory, `said-${index}.wav`) }));
  const file = join(directory, 'orders.json');
  writeFileSync(file, JSON.stringify(orders));
  await run('speak', '--json', file);
  return orders.map(({ out }) => {
    const { sampleRate, channels } = decodeWav(readFileSync(out));
    const samples = channels[0] ?? new Int16Array();
    return resample(concatenate({ sampleRate: sampleRate, samples }), 8000).samples;
  });
}

const said = await speak('No thank you I am not interested.', 'One, two, three, four, five, six, seven.', 'Yes.', 'It is about my credit card.');
const clip = (index: number): Int16Array => said[index] ?? new Int16Array();

t.test('the command line calls a softphone: it hears the greeting, and is heard', async (t) => {
  const phone = await Baresip.start({ speech: joinClips(silence(10_500), clip(0), silence(40_000)) });
  t.teardown(() => phone.stop());
  const lines = await run('call', `sip:someone@127.0.0.1:${phone.port}`, '--flow', flow('card-offer.en'), '--var', 'name=Ms Miller', '--json');
  const result = lines.find((line) => 'disposition' in line) as unknown as WireResult;
  t.match(result, { disposition: 'answered_human', sipStatus: 200, endedBy: 'bot', verdict: { kind: 'end', reason: 'not interested' } });
  t.match(result.transcript.filter((line) => line.speaker === 'caller').map((line) => line.text).join(' '), /not interested/i, 'the bot understood the phone');
  t.ok((result.media?.['packetsReceived'] ?? 0) > 400, 'audio from the phone came');
  // Audio may overtake the 200 that says where it comes from; that little is refused, and nothing after it.
  const refused = result.media?.['packetsRefused'] ?? Infinity;
  t.ok(refused <= 5, `and all but what came before its 200 was good: ${refused} refused`);
  const heard = await understand(await phone.recording());
  const found = new Set(words(heard));
  for (const word of ['miller', 'automated', 'assistant', 'credit', 'card', 'offer']) t.ok(found.has(word), `the phone heard "${word}" in: ${heard}`);
  t.match(heard, /good-?\s?bye/i);
});

t.test('a softphone calls the server and says a number', async (t) => {
  const server = await ServerProcess.start({ inbound: [{ number: '100', flow: 'inbound-digits' }] });
  t.teardown(() => server.stop());
  await server.publish(readFileSync(flow('inbound-digits.en'), 'utf8'));
  const speech = joinClips(silence(9_500), clip(1), silence(8_000), clip(2), silence(6_000), clip(3), silence(40_000));
  const phone = await Baresip.start({ speech, dial: `sip:100@127.0.0.1:${server.sipPort}` });
  t.teardown(() => phone.stop());
  const [result] = await server.resultsWhen('inbound-digits', 1, 75_000);
  t.match(result, { direction: 'inbound', disposition: 'answered_human', endedBy: 'bot', slots: { account: '1234567' }, verdict: { kind: 'handoff', queue: 'cards' } });
  t.match(result?.transcript.map((line) => `${line.speaker}: ${line.text}`).join('\n') ?? '', /caller: .*card/i);
  t.ok((result?.media?.['mos'] ?? 0) > 3.5, `the line was good: ${result?.media?.['mos']}`);
});
