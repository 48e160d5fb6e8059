import { credentials } from '@grpc/grpc-js';
import type { ChannelCredentials, ChannelOptions } from '@grpc/grpc-js';
import { readPem } from '../config/read-pem.js';

/** Where a worker answers. */
export interface WorkerEndpoint {
  /** Stable name for logs and metrics, e.g. `ear-0` or `10.0.0.7:7001`. */
  readonly id: string;
  /** `unix:/path` or `host:port`. A replaced worker has another one. */
  readonly address: string;
  /** Of a worker on another host; with certificate and key TLS is mutual. */
  readonly tls?: { readonly caFile: string; readonly certFile?: string; readonly keyFile?: string };
}

/** PORT: who knows which workers exist. The fleet of child processes is one; a fixed list of targets another. */
export interface EndpointSource {
  list(): readonly WorkerEndpoint[];
  /** Called after every change of `list`; the returned function ends that. */
  onChange(listener: () => void): () => void;
}

/** Workers on other hosts, from the configuration: the list never changes, health decides who is used. */
export function fixedEndpoints(targets: readonly { address: string; ca_file: string; cert_file?: string | undefined; key_file?: string | undefined }[]): EndpointSource {
  const endpoints = targets.map((target): WorkerEndpoint => ({
    id: target.address,
    address: target.address,
    tls: {
      caFile: target.ca_file,
      ...(target.cert_file === undefined ? {} : { certFile: target.cert_file }),
      ...(target.key_file === undefined ? {} : { keyFile: target.key_file }),
    },
  }));
  return { list: () => endpoints, onChange: () => () => undefined };
}

/** Several sources as one: own children and workers on other hosts together. */
export function joinEndpoints(...sources: readonly EndpointSource[]): EndpointSource {
  return {
    list: () => sources.flatMap((source) => source.list()),
    onChange: (listener) => {
      const ends = sources.map((source) => source.onChange(listener));
      return () => ends.forEach((end) => end());
    },
  };
}

/** TRK_CONFIG_UNREADABLE names the PEM file that cannot be read. */
export function channelCredentials(endpoint: WorkerEndpoint): ChannelCredentials {
  if (endpoint.tls === undefined) return credentials.createInsecure();
  const { caFile, certFile, keyFile } = endpoint.tls;
  return credentials.createSsl(readPem(caFile), keyFile === undefined ? null : readPem(keyFile), certFile === undefined ? null : readPem(certFile));
}

/**
 * Quick reconnection, because a replaced worker is back within a second. HTTP/2
 * pings find a peer that hangs or a network that swallows packets: without them a
 * dead TCP connection looks alive for minutes.
 */
export const channelOptions: ChannelOptions = {
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 2000,
  'grpc.keepalive_time_ms': 1500,
  'grpc.keepalive_timeout_ms': 1500,
  'grpc.max_receive_message_length': 1 << 20,
  'grpc.use_local_subchannel_pool': 1,
  // Otherwise up to 1 MB (a minute of audio) is held for a retry that a stream of audio cannot use, and written off as sent.
  'grpc.per_rpc_retry_buffer_size': 0,
};
