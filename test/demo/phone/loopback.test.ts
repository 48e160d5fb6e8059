import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { loudSpan } from '../../../src/audio/level.js';
import { concatenate, levelOfTone, silence, tone } from '../../../src/audio/tone.js';
import { decodeWav } from '../../../src/audio/wav.js';
import { Phone } from '../../../src/demo/phone/phone.js';
import type { PhoneEvent } from '../../../src/demo/phone/phone-event.js';
import { checkScript } from '../../../src/demo/phone/script-file.js';
import type { PhoneScript } from '../../../src/demo/phone/script-file.js';
import { summarize } from '../../../src/demo/phone/summary.js';

/** Collects events and lets a test wait for one of them. */
class Events {
  readonly all: PhoneEvent[] = [];
  readonly #waiting: { event: PhoneEvent['event']; count: number; resolve: () => void }[] = [];

  readonly add = (event: PhoneEvent): void => {
    this.all.push(event);
    for (const waiting of this.#waiting) if (this.of(waiting.event).length >= waiting.count) waiting.resolve();
  };

  of(event: PhoneEvent['event']): PhoneEvent[] {
    return this.all.filter((candidate) => candidate.event === event);
  }

  seen(event: PhoneEvent['event'], count = 1): Promise<void> {
    if (this.of(event).length >= count) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ event, count, resolve }));
  }
}

function script(name: string, file: object, clips: readonly (Int16Array | undefined)[]): PhoneScript {
  const checked = checkScript({ ...file, steps: clips.map(() => ({ dtmf: '0' })) }, name, '/');
  const given = (file as { steps?: object[] }).steps ?? [];
  const steps = checked.file.steps.map((step, index) => {
    const merged = { ...step, ...given[index] };
    const { dtmf, ...rest } = merged;
    return (given[index] as { dtmf?: string } | undefined)?.dtmf === undefined ? rest : { ...rest, dtmf: dtmf! };
  });
  return { name, file: { ...checked.file, steps }, clips };
}

const speech = (frequency: number, ms: number): Int16Array => concatenate(tone([frequency], ms, 8000, -15), silence(40, 8000)).samples;
const BOT_HZ = 440;
const CALLER_HZ = 1000;

t.test('two phones talk; each side agrees with what the other measured', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'phone-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const botEvents = new Events();
  const callerEvents = new Events();
  const bot = await Phone.open({
    address: '127.0.0.1',
    port: 0,
    scripts: [
      script(
        'bot',
        { answerAfterMs: 50, botSilenceMs: 200, hangupAfter: 'never', steps: [{ after: 100 }, { thinkMs: 250 }, { thinkMs: 250, label: 'last' }] },
        [speech(BOT_HZ, 400), speech(BOT_HZ, 400), speech(BOT_HZ, 300)],
      ),
    ],
    ledger: join(directory, 'bot.ledger'),
    onEvent: botEvents.add,
  });
  const caller = await Phone.open({
    address: '127.0.0.1',
    port: 0,
    scripts: [script('caller', { botSilenceMs: 300, hangupAfter: 700, steps: [{ thinkMs: 350, label: 'one' }, { thinkMs: 350, label: 'two' }, { after: 100, dtmf: '4#' }] }, [speech(CALLER_HZ, 300), speech(CALLER_HZ, 300), undefined])],
    recordDirectory: directory,
    onEvent: callerEvents.add,
  });
  const id = await caller.place(`sip:bot@127.0.0.1:${bot.port}`);
  await callerEvents.seen('ended');
  await botEvents.seen('ended');
  await Promise.all([caller.close(), bot.close()]);

  t.same(callerEvents.all.map((event) => event.event).filter((name) => ['ringing', 'answered', 'greeting', 'reply', 'dtmf_sent', 'hangup', 'ended'].includes(name)), [
    'ringing', 'answered', 'greeting', 'reply', 'reply', 'dtmf_sent', 'hangup', 'ended',
  ]);
  t.same(botEvents.of('digit').map((event) => event.digit), ['4', '#']);

  // Both phones read CLOCK_MONOTONIC: what one sent at a moment, the other received just after it.
  const sent = callerEvents.of('caller_speech_end').map((event) => event.atMs);
  const answered = botEvents.of('caller_speech_start').slice(1).map((event) => event.atMs);
  callerEvents.of('reply').forEach((reply, index) => {
    const truth = answered[index]! - sent[index]!;
    t.ok(reply.ms! >= truth && reply.ms! < truth + 60, `reply ${reply.ms} ms, sent after ${truth} ms`);
  });
  t.same(callerEvents.of('reply').map((event) => event.label), ['one', 'two']);

  const { heard, said } = (() => {
    const wav = decodeWav(readFileSync(callerEvents.of('ended')[0]!.recording!));
    return { heard: { sampleRate: wav.sampleRate, samples: wav.channels[0]! }, said: { sampleRate: wav.sampleRate, samples: wav.channels[1]! } };
  })();
  t.ok(levelOfTone(heard, BOT_HZ) > levelOfTone(heard, CALLER_HZ) + 20, 'left is what was heard');
  t.ok(levelOfTone(said, CALLER_HZ) > levelOfTone(said, BOT_HZ) + 20, 'right is what was said');
  t.ok(loudSpan(heard, -30)!.startMs < loudSpan(said, -30)!.startMs, 'the bot spoke first');

  const ledger = readFileSync(join(directory, 'bot.ledger'), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
  t.match(ledger, [{ kind: 'invite', call: id, to: 'bot' }, { kind: 'result', call: id, status: 200, by: 'bot' }]);
  const summary = summarize(callerEvents.all);
  // The keys were pressed into the bot's second answer.
  t.match(summary, { calls: 1, answered: 1, talkedOver: 1, noReply: 0, packetsLost: 0, replies: { one: { count: 1 }, two: { count: 1 } } });
});

t.test('barge-in: the time from the first word to the last of the other side', async (t) => {
  const callerEvents = new Events();
  // A bot that speaks for 1.2 s whatever happens.
  const bot = await Phone.open({ address: '127.0.0.1', port: 0, scripts: [script('bot', { answerAfterMs: 0, hangupAfter: 'never', steps: [{ after: 0 }] }, [speech(BOT_HZ, 1200)])], onEvent: () => undefined });
  const caller = await Phone.open({
    address: '127.0.0.1',
    port: 0,
    scripts: [script('caller', { hangupAfter: 1500, steps: [{ bargeInAfterMs: 400, label: 'over' }] }, [speech(CALLER_HZ, 200)])],
    onEvent: callerEvents.add,
  });
  await caller.place(`sip:bot@127.0.0.1:${bot.port}`);
  await callerEvents.seen('ended');
  await Promise.all([caller.close(), bot.close()]);
  const [bargeIn] = callerEvents.of('barge_in');
  const start = callerEvents.of('caller_speech_start')[0]!.atMs;
  const botEnd = callerEvents.of('bot_speech_end')[0]?.atMs ?? Number.NaN;
  t.ok(Math.abs(bargeIn!.ms! - (botEnd - start)) < 0.01, `${bargeIn?.ms} ms`);
  t.ok(bargeIn!.ms! > 600, 'most of the 1.2 s were left');
  t.equal(callerEvents.of('talked_over').length, 0);
  t.equal(callerEvents.of('reply').length, 0);
});

t.test('eight calls at once, each with its own audio', async (t) => {
  const botEvents = new Events();
  const callerEvents = new Events();
  const bot = await Phone.open({
    address: '127.0.0.1',
    port: 0,
    scripts: [script('bot', { answerAfterMs: 0, hangupAfter: 'never', botSilenceMs: 200, steps: [{ after: 50 }, { thinkMs: 200 }] }, [speech(BOT_HZ, 200), speech(BOT_HZ, 200)])],
    onEvent: botEvents.add,
  });
  const caller = await Phone.open({ address: '127.0.0.1', port: 0, scripts: [script('caller', { botSilenceMs: 300, steps: [{ label: 'x' }] }, [speech(CALLER_HZ, 200)])], onEvent: callerEvents.add });
  await Promise.all(Array.from({ length: 8 }, () => caller.place(`sip:bot@127.0.0.1:${bot.port}`)));
  await callerEvents.seen('ended', 8);
  await botEvents.seen('ended', 8);
  await Promise.all([caller.close(), bot.close()]);
  const summary = summarize(callerEvents.all);
  t.match(summary, { calls: 8, answered: 8, noReply: 0, packetsLost: 0, replies: { x: { count: 8 } } });
  t.equal(new Set(callerEvents.of('ended').map((event) => event.call)).size, 8);
});

t.test('refused, and given up while it rings', async (t) => {
  const events = new Events();
  const botEvents = new Events();
  const bot = await Phone.open({
    address: '127.0.0.1',
    port: 0,
    scripts: [script('busy', { user: 'busy', reject: 486 }, []), script('slow', { user: 'slow', answerAfterMs: 60_000 }, [])],
    onEvent: botEvents.add,
  });
  const caller = await Phone.open({ address: '127.0.0.1', port: 0, scripts: [script('caller', {}, [])], onEvent: events.add });
  await caller.place(`sip:busy@127.0.0.1:${bot.port}`);
  await events.seen('ended');
  t.match(events.of('ended')[0], { status: 486, by: 'bot' });
  await caller.place(`sip:slow@127.0.0.1:${bot.port}`);
  await events.seen('ringing');
  await caller.close();
  t.match(events.of('ended')[1], { status: 487, by: 'caller' });
  await botEvents.seen('ended', 2);
  t.match(botEvents.of('ended')[1], { status: 487, reason: 'cancelled' });
  await bot.close();
});

t.test('a port in use is a coded error', async (t) => {
  const phone = await Phone.open({ address: '127.0.0.1', port: 0, scripts: [script('x', {}, [])], onEvent: () => undefined });
  await t.rejects(Phone.open({ address: '127.0.0.1', port: phone.port, scripts: [script('x', {}, [])], onEvent: () => undefined }), { code: 'TRK_PORT_IN_USE' });
  await phone.close();
});
