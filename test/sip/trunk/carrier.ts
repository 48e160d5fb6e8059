import { createHash } from 'node:crypto';
import { responseTo, SipPeer } from '../../contract/sip-peer.js';
import type { PeerMessage } from '../../contract/sip-peer.js';

/** A carrier that challenges, counts nonces and can die: digest checked by its own lines. */
export class Carrier {
  readonly peer: SipPeer;
  password = 'right';
  algorithm: 'MD5' | 'SHA-256' = 'MD5';
  /** Answers nothing any more. */
  dead = false;
  optionsStatus = 200;
  grantedS = 600;
  /** Credentials that were right, with their nonce count. */
  readonly accepted: { nonce: string; nc: string; expires: string; contact: string }[] = [];
  nonce = 'nonce-1';
  /** 423 for shorter ones, s. */
  leastS = 0;

  private constructor(peer: SipPeer) {
    this.peer = peer;
  }

  static async start(): Promise<Carrier> {
    const carrier = new Carrier(await SipPeer.udp());
    void carrier.#serve('OPTIONS', (request) => responseTo(request, carrier.optionsStatus));
    void carrier.#serve('REGISTER', (request) => carrier.#register(request));
    return carrier;
  }

  get port(): number {
    return this.peer.port;
  }

  async #serve(method: string, answer: (request: PeerMessage) => string): Promise<never> {
    for (;;) {
      const request = await this.peer.next(method);
      if (!this.dead) request.reply(answer(request));
    }
  }

  #register(request: PeerMessage): string {
    const given = request.header('Authorization');
    if (!this.#right(given)) {
      return responseTo(request, 401, { headers: [`WWW-Authenticate: Digest realm="carrier", nonce="${this.nonce}", algorithm=${this.algorithm}, qop="auth"${given.includes(`nonce="${this.nonce}"`) || given === '' ? '' : ', stale=true'}`] });
    }
    if (request.header('Contact') !== '' && Number(request.header('Expires')) < this.leastS && request.header('Expires') !== '0') return responseTo(request, 423, { headers: [`Min-Expires: ${this.leastS}`] });
    this.accepted.push({ nonce: field(given, 'nonce'), nc: field(given, 'nc'), expires: request.header('Expires'), contact: request.header('Contact') });
    return responseTo(request, 200, { headers: request.header('Contact') === '' ? [] : [`Contact: ${request.header('Contact')};expires=${this.grantedS}`] });
  }

  #right(header: string): boolean {
    const digest = (text: string): string => createHash(this.algorithm === 'MD5' ? 'md5' : 'sha256').update(text).digest('hex');
    const secret = digest(`${field(header, 'username')}:carrier:${this.password}`);
    const expected = digest([secret, this.nonce, field(header, 'nc'), field(header, 'cnonce'), 'auth', digest(`REGISTER:${field(header, 'uri')}`)].join(':'));
    return header !== '' && field(header, 'username') === 'user' && field(header, 'response') === expected;
  }

  close(): Promise<void> {
    return this.peer.close();
  }
}

function field(header: string, name: string): string {
  return new RegExp(`(?:^|[ ,])${name}="?([^",]+)"?`).exec(header)?.[1] ?? '';
}
