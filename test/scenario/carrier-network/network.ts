import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import { Kamailio } from '../../support/kamailio.js';
import type { KamailioOptions } from '../../support/kamailio.js';
import { Rtpengine } from '../../support/rtpengine.js';
import { freeMediaRange, holdPort, startOnFreePorts } from '../../support/ports.js';
import { ServerProcess } from '../../support/server-process.js';
import { CertificateMaker } from '../../sip/embedded/certificate-maker.js';

/** The number of trunkline, and one behind the carrier. */
export const OUR_NUMBER = '4930100200';
export const THEIR_NUMBER = '+14155552671';

export interface NetworkOptions {
  /** TLS and SRTP on trunkline's side, or UDP and plain RTP. */
  readonly encrypted: boolean;
  /** Digest and registration, with this password at the carrier. */
  readonly password?: string;
  /** Calls at once. */
  readonly calls?: number;
  /** `sip:HOST:PORT` of the telephone that gets trunkline's calls. */
  readonly phone: string;
  readonly flow: { readonly id: string; readonly text: string };
}

export interface Network {
  readonly server: ServerProcess;
  readonly rtpengine: Rtpengine;
  /** Where telephones send their calls. */
  readonly phonePort: number;
  readonly directory: string;
  /** The proxy, again, after `stopKamailio`. */
  startKamailio(): Promise<Kamailio>;
  readonly kamailio: Kamailio;
}

/** Telephones on plain UDP and RTP, a Kamailio with rtpengine, and trunkline behind it as its trunk says. */
export async function startNetwork(t: Test, options: NetworkOptions): Promise<Network> {
  const calls = options.calls ?? 4;
  const rtpengine = await Rtpengine.start(Math.max(50, 4 * calls));
  const directory = mkdtempSync(join(tmpdir(), 'trunkline-carrier-'));
  const running: { stop(): Promise<void> }[] = [];
  const stop = async (): Promise<void> => {
    for (const one of running.splice(0).reverse()) await one.stop();
  };
  t.teardown(async () => {
    await stop();
    await rtpengine.stop();
    rmSync(directory, { recursive: true, force: true });
  });
  return await startOnFreePorts(async () => {
    // What an attempt before this one has started.
    await stop();
    return await build(t, options, { calls, directory, rtpengine }, running);
  });
}

/** What it has started is in `running`, whatever comes. */
async function build(t: Test, options: NetworkOptions, { calls, directory, rtpengine }: { calls: number; directory: string; rtpengine: Rtpengine }, running: { stop(): Promise<void> }[]): Promise<Network> {
  const maker = options.encrypted ? new CertificateMaker(t) : undefined;
  const [ofPhones, ofTrunk, ofTls] = [await holdPort(), await holdPort(), await holdPort()];
  for (const held of [ofPhones, ofTrunk, ofTls]) running.push({ stop: () => held.release() });
  const [phonePort, trunkPort, tlsPort] = [ofPhones.port, ofTrunk.port, ofTls.port];
  const certificate = maker?.issue('IP:127.0.0.1');
  const transport = options.encrypted ? 'tls' : 'udp';
  const media = await freeMediaRange(Math.max(50, 2 * calls));
  await ofTls.release();
  const server = await ServerProcess.start({
    sip: { address: '127.0.0.1', port: 0, ...(certificate === undefined ? {} : { tls: { port: tlsPort, cert_file: certificate.certFile, key_file: certificate.keyFile, ca_file: certificate.caFile } }) },
    media: { address: '127.0.0.1', ...media, srtp: options.encrypted ? 'required' : 'off' },
    dialer: { max_calls: calls, calls_per_second: 10, poll_ms: 50, stop_limit_ms: 1_000 },
    speech: { ear: { capacity: Math.max(16, calls) }, mouth: { capacity: 8 } },
    trunks: [
      {
        name: 'carrier',
        addresses: [{ host: '127.0.0.1', port: trunkPort, transport }],
        keepalive_s: 1,
        ...(options.password === undefined ? {} : { username: OUR_NUMBER, password: options.password, domain: 'carrier.example', register: { enabled: true } }),
      },
    ],
    inbound: [{ number: OUR_NUMBER, flow: options.flow.id }],
  });
  running.push(server);
  await server.publish(options.flow.text);
  const settings: KamailioOptions = {
    phonePort,
    trunkPort,
    trunkTransport: transport,
    phone: options.phone,
    trunkline: options.encrypted ? `sip:127.0.0.1:${tlsPort};transport=tls` : `sip:127.0.0.1:${server.sipPort}`,
    audio: options.encrypted ? 'RTP/SAVP' : 'RTP/AVP',
    rtpenginePort: rtpengine.port,
    ...(maker === undefined ? {} : { tls: maker.issue('IP:127.0.0.1') }),
    ...(options.password === undefined ? {} : { password: options.password }),
  };
  await Promise.all([ofPhones.release(), ofTrunk.release()]);
  let kamailio = await Kamailio.start(settings);
  running.push({ stop: () => kamailio.stop() });
  return {
    server,
    rtpengine,
    phonePort,
    directory,
    get kamailio() {
      return kamailio;
    },
    startKamailio: async () => (kamailio = await Kamailio.start(settings)),
  };
}
