import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { SecureContext, SecureContextOptions } from 'node:tls';
import type { Clock, Timer } from '../../../kernel/clock.js';
import { TrunklineError } from '../../../kernel/errors.js';
import type { Logger } from '../../../kernel/log.js';

export interface TlsFiles {
  /** PEM: our certificate, then those between it and its root. */
  readonly certFile: string;
  /** PEM, without a passphrase. */
  readonly keyFile: string;
  /** PEM: the roots that peers are checked against. Default: those that come with Node. */
  readonly caFile?: string | undefined;
}

/** How often the files are looked at, ms. A renewal a minute late hurts nobody; a file watcher misses renames on network drives. */
export const CERTIFICATE_POLL_MS = 60_000;

export interface TlsMaterial {
  readonly options: SecureContextOptions;
  readonly context: SecureContext;
  /** Of our certificate, wall clock ms. */
  readonly expiresAt: number;
}

/** The certificate in use, exchanged when its files change. */
export class Certificates {
  readonly #files: TlsFiles;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #onChange: (material: TlsMaterial) => void;
  #material: TlsMaterial;
  #text: string;
  /** A bad new version is complained about once. */
  #refused: string | undefined;
  #timer: Timer | undefined;

  /** TRK_SIP_CERTIFICATE: unreadable, not matching its key, expired or not yet valid. */
  constructor(files: TlsFiles, clock: Clock, log: Logger, onChange: (material: TlsMaterial) => void) {
    this.#files = files;
    this.#clock = clock;
    this.#log = log;
    this.#onChange = onChange;
    const read = readFiles(files);
    this.#text = textOf(read);
    this.#material = load(read, clock.now());
    this.#watch();
  }

  get material(): TlsMaterial {
    return this.#material;
  }

  /**
   * Takes the files as they are now; connections that stand keep what they began with. False if nothing
   * changed. TRK_SIP_CERTIFICATE if they cannot be used: the old certificate stays.
   */
  reload(): boolean {
    const read = readFiles(this.#files);
    const text = textOf(read);
    if (text === this.#text) return false;
    const material = load(read, this.#clock.now());
    this.#text = text;
    this.#material = material;
    this.#refused = undefined;
    this.#onChange(material);
    this.#log.info({ expiresAt: new Date(material.expiresAt).toISOString() }, 'SIP certificate reloaded');
    return true;
  }

  close(): void {
    this.#timer?.cancel();
  }

  #watch(): void {
    this.#timer = this.#clock.after(CERTIFICATE_POLL_MS, () => this.#look(), { keepAlive: false });
  }

  #look(): void {
    try {
      this.reload();
    } catch (error) {
      // Between the writing of the certificate and of its key they do not match; the next look will find both.
      const reason = (error as Error).message;
      if (reason !== this.#refused) this.#log.warn({ err: error }, 'new SIP certificate cannot be used; the old one stays');
      this.#refused = reason;
    }
    this.#watch();
  }
}

interface Read {
  readonly cert: string;
  readonly key: string;
  readonly ca: string | undefined;
}

function textOf({ cert, key, ca }: Read): string {
  return `${cert}\n${key}\n${ca ?? ''}`;
}

function unusable(reason: string, cause?: unknown): TrunklineError {
  return new TrunklineError('TRK_SIP_CERTIFICATE', { params: { reason }, field: 'sip.tls', cause });
}

function readFiles(files: TlsFiles): Read {
  const read = (path: string): string => {
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      throw unusable(`${path} cannot be read`, error);
    }
  };
  return { cert: read(files.certFile), key: read(files.keyFile), ca: files.caFile === undefined ? undefined : read(files.caFile) };
}

function load({ cert, key, ca }: Read, now: number): TlsMaterial {
  let own: X509Certificate;
  let matches: boolean;
  try {
    own = new X509Certificate(cert);
    matches = own.checkPrivateKey(createPrivateKey(key));
  } catch (error) {
    throw unusable('the certificate or its key is not PEM', error);
  }
  if (!matches) throw unusable('the key does not belong to the certificate');
  const expiresAt = Date.parse(own.validTo);
  if (expiresAt <= now) throw unusable(`our certificate expired on ${new Date(expiresAt).toISOString()}`);
  if (Date.parse(own.validFrom) > now) throw unusable('our certificate is not valid yet');
  const options: SecureContextOptions = { cert, key, minVersion: 'TLSv1.2', ...(ca === undefined ? {} : { ca }) };
  try {
    return { options, context: createSecureContext(options), expiresAt };
  } catch (error) {
    throw unusable('the certificate, its key or the roots cannot be used', error);
  }
}
