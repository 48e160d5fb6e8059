import { Type } from '@sinclair/typebox';
import type { Static, TObject, TProperties } from '@sinclair/typebox';
import { TrunkSchema } from './trunk-schema.js';

/**
 * The one schema of `trunkline.yaml`. Each default stands beside its unit; unknown
 * keys are refused. `docs/configuration.md` is tested to list every key.
 * Times are ms unless the name says otherwise.
 */
const strict = <T extends TProperties>(properties: T, description?: string): TObject<T> =>
  Type.Object(properties, { additionalProperties: false, default: {}, ...(description ? { description } : {}) });

const port = (value: number, description: string) =>
  Type.Integer({ minimum: 0, maximum: 65535, default: value, description });

const Log = strict({
  level: Type.Union(['trace', 'debug', 'info', 'warn', 'error', 'silent'].map((v) => Type.Literal(v as 'info')), { default: 'info' }),
  pii: Type.Boolean({ default: false, description: 'Keep speech, digits, names and numbers in the log.' }),
});

const Sip = strict({
  address: Type.String({ default: '0.0.0.0', description: 'Local address of the embedded SIP server.' }),
  port: port(5060, 'UDP and TCP port; 0 lets the system choose.'),
  external_address: Type.Optional(Type.String({ description: 'Address to announce behind NAT.' })),
  tls: Type.Optional(
    Type.Object(
      {
        port: Type.Integer({ minimum: 0, maximum: 65535, default: 5061, description: 'TLS port; 0 lets the system choose.' }),
        cert_file: Type.String({ description: 'PEM: our certificate, then those between it and its root. Read again when it changes.' }),
        key_file: Type.String({ description: 'PEM: its key, without a passphrase.' }),
        ca_file: Type.Optional(Type.String({ description: "PEM: roots that the certificates of peers are checked against; default is Node's list." })),
      },
      { additionalProperties: false, description: 'SIP over TLS, at least 1.2.' },
    ),
  ),
  max_transactions: Type.Integer({ minimum: 10, default: 10_000, description: 'Above this, new requests get a stateless 503.' }),
  caller: Type.String({ default: 'trunkline', description: 'User part of From when a task names none.' }),
  gateway: Type.Optional(
    Type.Object(
      {
        address: Type.String({ pattern: '^[^\\s@]+$', description: 'host[:port][;transport=tcp] to which phone numbers are sent as `sip:NUMBER@address`.' }),
        username: Type.Optional(Type.String({ description: 'Digest user, where the gateway asks for one.' })),
        password: Type.Optional(Type.String({ description: 'Digest password.' })),
      },
      { additionalProperties: false, description: 'Short for one trunk named `gateway` that takes every number.' },
    ),
  ),
  unknown_sources: Type.Optional(Type.Union([Type.Literal('accept'), Type.Literal('reject')], { description: 'Calls from addresses that belong to no trunk: `reject` answers 403. Default: accept as long as no trunk has an `acl`, else reject.' })),
  ring_timeout_ms: Type.Integer({ minimum: 1_000, maximum: 180_000, default: 60_000, description: 'CANCEL after this time without an answer.' }),
});

const Drachtio = Type.Object(
  {
    host: Type.String({ description: 'Host of a drachtio-server.' }),
    port: Type.Integer({ minimum: 1, maximum: 65535, default: 9022, description: 'Its admin port.' }),
    secret: Type.String({ description: 'Its admin secret; published defaults are refused.' }),
  },
  { additionalProperties: false, description: 'Use a real drachtio-server instead of the embedded one.' },
);

const Media = strict({
  address: Type.String({ default: '0.0.0.0', description: 'Local address of RTP sockets.' }),
  external_address: Type.Optional(Type.String({ description: 'Address that SDP announces.' })),
  port_min: Type.Integer({ minimum: 1024, maximum: 65534, multipleOf: 2, default: 20_000, description: 'First RTP port, even.' }),
  port_max: Type.Integer({ minimum: 1025, maximum: 65535, default: 29_999, description: 'Last RTCP port.' }),
  timeout_ms: Type.Integer({ minimum: 0, default: 10_000, description: 'Hang up after this time without RTP; 0 never.' }),
  nat: Type.Boolean({ default: false, description: 'Learn the source of RTP from the first packets.' }),
  codecs: Type.Array(Type.Union([Type.Literal('PCMA'), Type.Literal('PCMU'), Type.Literal('G722')]), { default: ['PCMA', 'PCMU'], minItems: 1, maxItems: 3, uniqueItems: true, description: 'Order of preference, where a trunk has none of its own. G722 needs libspandsp at build.' }),
  srtp: Type.Union([Type.Literal('off'), Type.Literal('optional'), Type.Literal('required')], { default: 'off', description: 'Encryption by SDES: `optional` takes plain RTP where the far end has no SRTP, `required` refuses it. The keys are in SDP: use TLS for SIP.' }),
  ptime_ms: Type.Union([Type.Literal(10), Type.Literal(20), Type.Literal(30), Type.Literal(40)], { default: 20, description: 'Audio in one packet that far ends are asked for; what they ask for is sent.' }),
  rtcp_mux: Type.Boolean({ default: false, description: 'Offer RTCP on the RTP port.' }),
  record: Type.Boolean({ default: true, description: 'Record every call in stereo.' }),
});

const workerPool = (workers: number, capacity: number, capacityText: string) => ({
  workers: Type.Integer({ minimum: 0, maximum: 64, default: workers, description: 'Child processes; 0 when `targets` are used.' }),
  capacity: Type.Integer({ minimum: 1, maximum: 1000, default: capacity, description: capacityText }),
  targets: Type.Array(
    Type.Object(
      { address: Type.String({ description: 'host:port of a worker on TCP with TLS.' }), ca_file: Type.String(), cert_file: Type.Optional(Type.String()), key_file: Type.Optional(Type.String()) },
      { additionalProperties: false },
    ),
    { default: [], description: 'Workers on other hosts.' },
  ),
});

const Speech = strict({
  language: Type.String({ default: 'en-US' }),
  models_dir: Type.Optional(Type.String({ description: 'Model cache; default is the user cache directory.' })),
  ear: strict({ ...workerPool(1, 16, 'Streams a worker.'), engine: Type.Union([Type.Literal('moonshine'), Type.Literal('vosk')], { default: 'moonshine', description: 'Recognition engine.' }), model: Type.Optional(Type.String({ description: "Model of the manifest; default is the engine's own." })), recognizer_threads: Type.Integer({ minimum: 1, maximum: 32, default: 1, description: 'Decoding threads a worker.' }) }),
  mouth: strict({ ...workerPool(1, 8, 'Sentences a worker.'), voice: Type.String({ default: 'en_US-joe-medium' }) }),
  mind: strict({ ...workerPool(0, 4, 'Context slots a worker.'), model: Type.String({ default: 'smollm2-135m-instruct' }), context_tokens: Type.Integer({ minimum: 256, maximum: 131_072, default: 1024 }) }),
});

const Turn = strict({
  pause_ms: Type.Integer({ minimum: 60, maximum: 1000, default: 120, description: 'Silence at which the words so far are decoded.' }),
  end_short_ms: Type.Integer({ minimum: 100, maximum: 3000, default: 260, description: 'Silence that ends a yes/no answer.' }),
  end_normal_ms: Type.Integer({ minimum: 100, maximum: 3000, default: 300, description: 'Silence that ends an open answer.' }),
  end_long_ms: Type.Integer({ minimum: 100, maximum: 5000, default: 1200, description: 'Silence that ends spoken digits.' }),
  barge_in_speech_ms: Type.Integer({ minimum: 20, maximum: 1000, default: 60, description: 'Speech that interrupts the bot.' }),
});

const Dialer = strict({
  enabled: Type.Boolean({ default: true }),
  max_calls: Type.Integer({ minimum: 0, maximum: 10_000, default: 8, description: 'Outbound calls at once.' }),
  calls_per_second: Type.Number({ exclusiveMinimum: 0, maximum: 1000, default: 2 }),
  stop_limit_ms: Type.Integer({ minimum: 0, maximum: 3_600_000, default: 30_000, description: 'How long running calls may go on when the server stops.' }),
  poll_ms: Type.Integer({ minimum: 20, maximum: 60_000, default: 500, description: 'How often due tasks are looked for.' }),
});

const Call = strict({
  max_duration_ms: Type.Integer({ minimum: 10_000, maximum: 14_400_000, default: 900_000, description: 'A call is ended after this time.' }),
  recover_ms: Type.Integer({ minimum: 500, maximum: 60_000, default: 8_000, description: 'How long a call waits for a lost speech worker before it is ended.' }),
});

const Inbound = Type.Object(
  { number: Type.String({ description: 'User part of the request-URI; `*` takes all.' }), flow: Type.String({ description: 'Flow id.' }) },
  { additionalProperties: false },
);

const Api = strict({
  address: Type.String({ default: '127.0.0.1' }),
  port: port(8080, 'HTTP port; 0 lets the system choose.'),
  body_limit_bytes: Type.Integer({ minimum: 1024, default: 1_048_576 }),
  auth: Type.Boolean({ default: true, description: 'Require API keys; false only on loopback.' }),
});

export const ConfigSchema = Type.Object({
  data_dir: Type.String({ default: './data', description: 'Store and recordings.' }),
  flows_dir: Type.Optional(Type.String({ description: 'Flow files loaded at start.' })),
  time_zone: Type.Optional(Type.String({ description: "IANA zone in which callers' times are understood; default is the machine's. A task's variable `time_zone` goes before it." })),
  log: Log,
  sip: Sip,
  drachtio: Type.Optional(Drachtio),
  trunks: Type.Array(TrunkSchema, { default: [], maxItems: 500, description: 'Ways to carriers, PBXs and proxies; see trunks.md.' }),
  media: Media,
  speech: Speech,
  turn: Turn,
  call: Call,
  dialer: Dialer,
  inbound: Type.Array(Inbound, { default: [] }),
  api: Api,
}, { additionalProperties: false });

export type Config = Static<typeof ConfigSchema>;
