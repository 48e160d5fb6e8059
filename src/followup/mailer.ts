import { readFileSync } from 'node:fs';
import { createTransport } from 'nodemailer';
import type { MailConfig } from '../config/followup-schema.js';
import type { Clock } from '../kernel/clock.js';
import { TrunklineError } from '../kernel/errors.js';
import type { SendOutcome } from './webhook-sender.js';

export interface Mail {
  readonly to: string;
  readonly subject: string;
  /** Plain text. */
  readonly text: string;
  /** The same one again has the same id, so that receivers can tell; without angle brackets. */
  readonly messageId: string;
  /** BCP 47, for Content-Language. */
  readonly language: string;
}

/** Hands mails to one SMTP server. */
export class Mailer {
  readonly #config: MailConfig;
  readonly #clock: Clock;
  readonly #transport: ReturnType<typeof createTransport>;

  /** TRK_CONFIG_UNREADABLE (`mail.ca_file`). */
  constructor(config: MailConfig, clock: Clock) {
    this.#config = config;
    this.#clock = clock;
    const { host, port, security, username, password, timeout_ms: timeout } = config;
    this.#transport = createTransport({
      host,
      port,
      secure: security === 'tls',
      requireTLS: security === 'starttls',
      ignoreTLS: security === 'none',
      ...(username === undefined ? {} : { auth: { user: username, pass: password ?? '' } }),
      ...(config.ca_file === undefined ? {} : { tls: { ca: rootsOf(config.ca_file), minVersion: 'TLSv1.2' as const } }),
      connectionTimeout: timeout,
      greetingTimeout: timeout,
      socketTimeout: timeout,
      pool: true,
      maxConnections: 2,
      // Mail is text of ours; it reads no file and fetches no address.
      disableFileAccess: true,
      disableUrlAccess: true,
    });
  }

  /**
   * Never rejects. 4xx answers and connections that fail are tried again, 5xx to this address are not (RFC 5321 section 4.2.1).
   * Ends within `mail.timeout_ms`, however slowly the server answers command by command: its connection is cut off then, and by the signal.
   */
  async send(mail: Mail, signal?: AbortSignal): Promise<SendOutcome> {
    const late = new AbortController();
    const timer = this.#clock.after(this.#config.timeout_ms, () => late.abort(new Error('timeout')));
    const over = signal === undefined ? late.signal : AbortSignal.any([late.signal, signal]);
    try {
      await this.#transport.sendMail({
        from: this.#config.from,
        to: mail.to,
        subject: mail.subject,
        text: mail.text,
        messageId: `<${mail.messageId}>`,
        headers: { 'Content-Language': mail.language, 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
        signal: over,
      });
      return { kind: 'delivered', status: 250 };
    } catch (error) {
      if (over.aborted) return { kind: 'failed', reason: (over.reason as Error).message };
      const { status, code, command } = smtpFault(error);
      // Only the address and the mail itself are final; what else is refused (credentials, encryption,
      // our sender) is the operator's to mend, and no mail may die of it meanwhile.
      if (status !== undefined && status >= 500 && (command === 'RCPT TO' || command === 'DATA')) return { kind: 'refused', reason: `smtp_${status}`, gone: false };
      return { kind: 'failed', reason: status === undefined ? code : `smtp_${status}` };
    } finally {
      timer.cancel();
    }
  }

  /** Whether the server lets us in. TRK_MAIL_FAILED. */
  async verify(): Promise<void> {
    try {
      await this.#transport.verify();
    } catch (error) {
      const { status, code } = smtpFault(error);
      throw new TrunklineError('TRK_MAIL_FAILED', { params: { reason: status === undefined ? code : `${code}, ${status}` }, cause: error });
    }
  }

  close(): void {
    this.#transport.close();
  }
}

function rootsOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new TrunklineError('TRK_CONFIG_UNREADABLE', { params: { reason: (error as Error).message }, field: 'mail.ca_file', cause: error });
  }
}

function smtpFault(error: unknown): { status: number | undefined; code: string; command: unknown } {
  const { responseCode, code, command } = error as { responseCode?: unknown; code?: unknown; command?: unknown };
  return { status: typeof responseCode === 'number' ? responseCode : undefined, code: typeof code === 'string' ? code : 'smtp_failed', command };
}
