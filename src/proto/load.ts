import { fileURLToPath } from 'node:url';
import { loadPackageDefinition } from '@grpc/grpc-js';
import type { ChannelCredentials, ChannelOptions, Client, ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { service as healthDefinition } from 'grpc-health-check';
import { makeClientConstructor } from '@grpc/grpc-js';
import type { EarGrpcClient, EarHandlers } from './ear-messages.js';
import type { HealthGrpcClient } from './health-messages.js';
import type { MindGrpcClient, MindHandlers } from './mind-messages.js';
import type { MouthGrpcClient, MouthHandlers } from './mouth-messages.js';

/**
 * The gRPC services of the workers. The .proto files are read at run time from
 * beside this module; `scripts/build-ts.mjs` copies them beside the compiled one.
 */
export interface GrpcService<C extends Client, H extends UntypedServiceImplementation> {
  /** Full name, e.g. `trunkline.ear.v1.Ear`; also the name that the health service knows. */
  readonly name: string;
  readonly definition: ServiceDefinition<H>;
  /** A client on a new channel; `address` is `unix:/path` or `host:port`. */
  client(address: string, credentials: ChannelCredentials, options?: ChannelOptions): C;
}

/**
 * The file descriptors of a service (google/protobuf/descriptor.proto), base64, those that
 * others need first: enough for a worker in another language to make its messages of,
 * without a compiler of its own for `.proto` files.
 */
export function descriptorsOf(file: 'ear.proto'): string[] {
  const definition = loadSync(fileURLToPath(new URL(file, import.meta.url)), { keepCase: true });
  const files = Object.values(definition).flatMap((one) => (Array.isArray(one.fileDescriptorProtos) ? one.fileDescriptorProtos.map((bytes) => bytes.toString('base64')) : []));
  return [...new Set(files)];
}

type AnyClient = new (address: string, credentials: ChannelCredentials, options?: ChannelOptions) => Client;

function lazily<C extends Client, H extends UntypedServiceImplementation>(file: string, packageName: string, serviceName: string): () => GrpcService<C, H> {
  let loaded: GrpcService<C, H> | undefined;
  return () => (loaded ??= load<C, H>(file, `${packageName}.${serviceName}`));
}

function load<C extends Client, H extends UntypedServiceImplementation>(file: string, name: string): GrpcService<C, H> {
  const path = fileURLToPath(new URL(file, import.meta.url));
  // `defaults` gives every scalar a value, so a reader never meets undefined; `oneofs` names the member that is set.
  const definition = loadSync(path, { longs: Number, enums: String, defaults: true, oneofs: true });
  let node: unknown = loadPackageDefinition(definition);
  for (const part of name.split('.')) node = (node as Record<string, unknown>)[part];
  const constructor = node as AnyClient & { readonly service: ServiceDefinition<H> };
  return {
    name,
    definition: constructor.service,
    client: (address, credentials, options) => new constructor(address, credentials, options) as C,
  };
}

export const earService = lazily<EarGrpcClient, EarHandlers>('ear.proto', 'trunkline.ear.v1', 'Ear');
export const mouthService = lazily<MouthGrpcClient, MouthHandlers>('mouth.proto', 'trunkline.mouth.v1', 'Mouth');
export const mindService = lazily<MindGrpcClient, MindHandlers>('mind.proto', 'trunkline.mind.v1', 'Mind');

const HealthClient = makeClientConstructor(healthDefinition, 'grpc.health.v1.Health') as unknown as AnyClient;

/** A client of grpc.health.v1.Health, which every worker serves. */
export function healthClient(address: string, credentials: ChannelCredentials, options?: ChannelOptions): HealthGrpcClient {
  return new HealthClient(address, credentials, options) as HealthGrpcClient;
}
