import { connect } from 'node:net';
import type { Clock } from '../../kernel/clock.js';
import { SIP_PROFILE } from './fsmrf-types.js';

/** Connection, password and two questions together, ms. */
const PROBE_MS = 2_000;
/** A server that speaks something else is not read on. */
const MAX_BYTES = 65_536;

export interface Probed {
  /** Another one after each start of FreeSWITCH. */
  readonly coreUuid: string;
}

/** Why a server cannot be used, in words for the operator. */
export class ProbeFailure extends Error {}

/**
 * Asks a server, over a connection of its own, whether it is a FreeSWITCH that we
 * can use: speaks the event-socket protocol, takes the password, has our SIP profile.
 * Rejects with a `ProbeFailure` within 2 s, whatever the other side does.
 */
export function probe(server: { host: string; port: number; password: string }, clock: Clock, signal: AbortSignal): Promise<Probed> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: server.host, port: server.port });
    const reader = new MessageReader();
    let coreUuid = '';
    let connected = false;
    const done = (finish: () => void): void => {
      timer.cancel();
      signal.removeEventListener('abort', onAbort);
      socket.removeAllListeners('close');
      socket.destroy();
      finish();
    };
    const fail = (reason: string): void => done(() => reject(new ProbeFailure(reason)));
    const onAbort = (): void => fail('closed');
    const timer = clock.after(PROBE_MS, () => fail(connected ? 'it accepts the connection and says nothing' : 'no answer to the connection'), { keepAlive: false });
    signal.addEventListener('abort', onAbort, { once: true });
    socket.setNoDelay(true);
    socket.on('connect', () => (connected = true));
    socket.on('error', (error: NodeJS.ErrnoException) => fail(error.code === 'ECONNREFUSED' ? 'connection refused' : (error.code ?? error.message)));
    socket.on('close', () => fail('it closed the connection'));
    socket.on('data', (data) => {
      if (!reader.push(data)) return fail('it is no event socket');
      for (let message = reader.next(); message !== undefined; message = reader.next()) {
        switch (message.type) {
          case 'auth/request':
            socket.write(`auth ${server.password}\n\n`);
            break;
          case 'text/rude-rejection':
            return fail('its access list refuses our address');
          case 'command/reply':
            if (!message.reply.startsWith('+OK')) return fail('it refuses the password');
            socket.write('api global_getvar core_uuid\n\napi sofia status\n\n');
            break;
          case 'api/response':
            if (coreUuid === '') {
              coreUuid = message.body.trim();
              if (!/^[0-9a-f-]{36}$/i.test(coreUuid)) return fail('it does not know its own id');
            } else if (new RegExp(`^\\s*${SIP_PROFILE}\\s.*sip:mod_sofia@`, 'm').test(message.body)) {
              return done(() => resolve({ coreUuid }));
            } else {
              return fail(`it has no running SIP profile ${SIP_PROFILE}`);
            }
            break;
          default:
            return fail('it is no event socket');
        }
      }
    });
  });
}

interface Message {
  readonly type: string;
  readonly reply: string;
  readonly body: string;
}

/** Header lines, an empty line, then as many bytes as Content-Length says. */
class MessageReader {
  #text = Buffer.alloc(0);

  /** False if there is more than any answer to our questions has, or no header at all. */
  push(data: Buffer): boolean {
    this.#text = Buffer.concat([this.#text, data]);
    return this.#text.length <= MAX_BYTES && /^\s*(?:[A-Z]|$)/.test(this.#text.toString('latin1', 0, 16));
  }

  next(): Message | undefined {
    const end = this.#text.indexOf('\n\n');
    if (end < 0) return undefined;
    const head = this.#text.toString('utf8', 0, end);
    const header = (name: string): string => new RegExp(`^${name}:[ \\t]*(.*)$`, 'im').exec(head)?.[1]?.trim() ?? '';
    const length = Number(header('Content-Length') || 0);
    const whole = end + 2 + length;
    if (!Number.isInteger(length) || this.#text.length < whole) return undefined;
    const body = this.#text.toString('utf8', end + 2, whole);
    this.#text = this.#text.subarray(whole);
    return { type: header('Content-Type'), reply: header('Reply-Text'), body };
  }
}
