import { parseArgs } from 'node:util';
import { TrunklineError, asTrunklineError } from '../../kernel/errors.js';
import { Phone } from './phone.js';
import type { PhoneEvent } from './phone-event.js';
import { loadScript } from './script-file.js';
import { summarize } from './summary.js';

const USAGE = `Usage: phone --listen HOST:PORT --script FILE [--script FILE...] [options]
A SIP telephone that follows scripts and measures. JSON lines on standard output.

  --listen HOST:PORT  where it takes calls; port 0 lets the system choose
  --script FILE       what to say and when; calls take them in turn, or by their "user"
  --place SIP-URI     call this instead of waiting
  --calls N           with --place: how many calls at once (1); else leave after N calls
  --record DIR        stereo WAV of each call: left is heard, right is said
  --ledger FILE       one JSON line for each INVITE and each result, appended`;

interface Options {
  readonly address: string;
  readonly port: number;
  readonly scripts: readonly string[];
  readonly place: string | undefined;
  readonly calls: number | undefined;
  readonly record: string | undefined;
  readonly ledger: string | undefined;
}

function readOptions(args: string[]): Options {
  let values;
  try {
    ({ values } = parseArgs({
      args,
      options: {
        listen: { type: 'string' },
        script: { type: 'string', multiple: true },
        place: { type: 'string' },
        calls: { type: 'string' },
        record: { type: 'string' },
        ledger: { type: 'string' },
      },
    }));
  } catch (error) {
    throw usage((error as Error).message);
  }
  const listen = /^\[?([0-9a-fA-F.:]+?)\]?:(\d{1,5})$/.exec(values.listen ?? '');
  if (listen === null || Number(listen[2]) > 65_535) throw usage('--listen HOST:PORT is needed.');
  if (values.script === undefined) throw usage('--script FILE is needed.');
  const calls = values.calls === undefined ? undefined : Number(values.calls);
  if (calls !== undefined && !(Number.isInteger(calls) && calls >= 1 && calls <= 1000)) throw usage('--calls must be 1 to 1000.');
  return { address: listen[1]!, port: Number(listen[2]), scripts: values.script, place: values.place, calls, record: values.record, ledger: values.ledger };
}

function usage(reason: string): TrunklineError {
  return new TrunklineError('TRK_USAGE', { params: { reason: `${reason}\n${USAGE}` } });
}

function print(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

async function run(options: Options): Promise<void> {
  const events: PhoneEvent[] = [];
  let finish = (): void => undefined;
  const finished = new Promise<void>((resolve) => (finish = resolve));
  const wanted = options.calls ?? (options.place === undefined ? Infinity : 1);
  let ended = 0;
  const phone = await Phone.open({
    address: options.address,
    port: options.port,
    scripts: options.scripts.map(loadScript),
    ...(options.record === undefined ? {} : { recordDirectory: options.record }),
    ...(options.ledger === undefined ? {} : { ledger: options.ledger }),
    onEvent: (event) => {
      events.push(event);
      print(event);
      if (event.event === 'ended' && ++ended >= wanted) finish();
    },
  });
  process.once('SIGINT', finish);
  process.once('SIGTERM', finish);
  print({ event: 'listening', address: options.address, port: phone.port });
  if (options.place !== undefined) for (let call = 0; call < wanted; call++) await phone.place(options.place);
  await finished;
  await phone.close();
  print({ event: 'summary', ...summarize(events) });
}

try {
  await run(readOptions(process.argv.slice(2)));
} catch (thrown) {
  const error = asTrunklineError(thrown);
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.code === 'TRK_USAGE' ? 2 : 1;
}
