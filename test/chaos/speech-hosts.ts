import { JsonChild, program } from '../../bench/support/child.js';
import { CertificateMaker } from '../sip/embedded/certificate-maker.js';
import { freePort } from '../support/ports.js';

const START_MS = 180_000;

interface Host {
  readonly kind: 'ear' | 'mouth';
  readonly port: number;
  child: JsonChild;
}

/**
 * The real speech workers, as on other hosts: a server that is killed need not load
 * their models again, and they can be killed apart from it. This is what starts them
 * again, as systemd would.
 */
export class SpeechHosts {
  readonly #hosts: Host[] = [];
  readonly #ends: (() => void)[] = [];
  readonly #certificates = new CertificateMaker({ teardown: (end) => this.#ends.push(end) });
  readonly #files = this.#certificates.issue('DNS:localhost,IP:127.0.0.1');

  static async start(): Promise<SpeechHosts> {
    const hosts = new SpeechHosts();
    try {
      for (const kind of ['ear', 'mouth'] as const) {
        const port = await freePort();
        hosts.#hosts.push({ kind, port, child: hosts.#launch(kind, port) });
      }
      await Promise.all(hosts.#hosts.map((host) => hosts.#ready(host.child)));
      return hosts;
    } catch (error) {
      await hosts.stop();
      throw error;
    }
  }

  /** The section `speech` of a server that uses them. */
  get settings(): Record<string, unknown> {
    const section = (kind: Host['kind']): object => ({
      workers: 0,
      capacity: 200,
      targets: [{ address: `localhost:${this.#hosts.find((host) => host.kind === kind)?.port}`, ca_file: this.#files.caFile }],
    });
    return { ear: section('ear'), mouth: section('mouth') };
  }

  /** Kills one like a power cut and starts it again; resolves when it serves. */
  async kill(kind: Host['kind']): Promise<void> {
    const host = this.#hosts.find((one) => one.kind === kind);
    if (host === undefined) return;
    process.kill(host.child.pid, 'SIGKILL');
    await host.child.end(10_000).catch(() => undefined);
    host.child = this.#launch(host.kind, host.port);
    await this.#ready(host.child);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#hosts.map(({ child }) => child.stop()));
    for (const end of this.#ends) end();
  }

  #launch(kind: Host['kind'], port: number): JsonChild {
    return new JsonChild(`${kind} worker`, [...program('main'), 'worker', kind, '--json', '--listen', `127.0.0.1:${port}`, '--tls-cert', this.#files.certFile, '--tls-key', this.#files.keyFile]);
  }

  #ready(child: JsonChild): Promise<unknown> {
    return child.line((line) => 'worker' in line, START_MS);
  }
}
