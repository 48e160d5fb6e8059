import { Type } from '@sinclair/typebox';
import type { Static, TObject, TProperties } from '@sinclair/typebox';
import { DoorsSchema } from './doors-schema.js';
import { MailSchema, WebhooksSchema } from './followup-schema.js';
import { RulesSchema } from './rules-schema.js';
import { RetentionSchema, StoreSchema } from './store-schema.js';
import { TraceSchema } from './trace-schema.js';
import { Codec, Srtp, TrunkSchema } from './trunk-schema.js';

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
  level: Type.Union(['trace', 'debug', 'info', 'warn', 'error', 'silent'].map((v) => Type.Literal(v as 'info')), { default: 'info', description: 'Least severe messages that are written.' }),
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
  unknown_sources: Type.Optional(Type.Union([Type.Literal('accept'), Type.Literal('reject'), Type.Literal('drop')], { description: 'Requests from addresses that belong to no trunk: `reject` answers 403, `drop` nothing at all. Default: accept as long as no trunk has an `acl` or `inbound_auth`, else reject.' })),
  doors: DoorsSchema,
  refer: Type.Union([Type.Literal('refuse'), Type.Literal('accept')], { default: 'refuse', description: 'REFER in calls that no trunk carries: `accept` calls wherever the far end says. Calls of a trunk go by its own `refer`.' }),
  ring_timeout_ms: Type.Integer({ minimum: 1_000, maximum: 180_000, default: 60_000, description: 'CANCEL after this time without an answer.' }),
});

const Drachtio = Type.Object(
  {
    host: Type.String({ minLength: 1, description: 'Host of a drachtio-server.' }),
    port: Type.Integer({ minimum: 1, maximum: 65535, default: 9022, description: 'Its admin port.' }),
    secret: Type.String({ description: 'Its admin secret; published defaults are refused.' }),
    weight: Type.Integer({ minimum: 0, maximum: 65_535, default: 1, description: 'Its share of the new outgoing calls; 0: only where no other is left.' }),
    drain: Type.Boolean({ default: false, description: 'true: no new calls, neither way.' }),
    lost_limit_ms: Type.Integer({ minimum: 0, maximum: 600_000, default: 30_000, description: 'How long its calls go on while the connection to it is lost; then they end.' }),
  },
  { additionalProperties: false },
);

const Media = strict({
  engine: Type.Union([Type.Literal('native'), Type.Literal('freeswitch')], { default: 'native', description: 'Where far ends send their audio: to us, or to the servers of `freeswitch`; see freeswitch.md.' }),
  address: Type.String({ default: '0.0.0.0', description: 'Local address of RTP sockets.' }),
  external_address: Type.Optional(Type.String({ description: 'Address that SDP announces.' })),
  port_min: Type.Integer({ minimum: 1024, maximum: 65534, multipleOf: 2, default: 20_000, description: 'First RTP port, even.' }),
  port_max: Type.Integer({ minimum: 1025, maximum: 65535, default: 29_999, description: 'Last RTCP port.' }),
  timeout_ms: Type.Integer({ minimum: 0, default: 10_000, description: 'Hang up after this time without RTP; 0 never.' }),
  nat: Type.Boolean({ default: false, description: 'Learn the source of RTP from the first packets.' }),
  codecs: Type.Array(Codec, { default: ['PCMA', 'PCMU'], minItems: 1, maxItems: 4, uniqueItems: true, description: 'Order of preference, where a trunk has none of its own. G722 needs libspandsp at build, OPUS libopus. Both are wideband.' }),
  opus_complexity: Type.Integer({ minimum: 0, maximum: 10, default: 5, description: 'CPU against quality of the Opus that we send; see media.md.' }),
  srtp: Srtp('Encryption by SDES: `optional` takes plain RTP where the far end has no SRTP, `required` refuses it. The keys are in SDP: use TLS for SIP. A trunk may have its own.', { default: 'off' }),
  ptime_ms: Type.Union([Type.Literal(10), Type.Literal(20), Type.Literal(30), Type.Literal(40)], { default: 20, description: 'Audio in one packet that far ends are asked for; what they ask for is sent.' }),
  rtcp_mux: Type.Boolean({ default: false, description: 'Offer RTCP on the RTP port.' }),
  record: Type.Boolean({ default: true, description: 'Record every call in stereo.' }),
});

const Freeswitch = Type.Object(
  {
    name: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9._-]{1,64}$', description: 'For logs and errors; default is `host:port`.' })),
    host: Type.String({ minLength: 1, description: 'Host of its event socket.' }),
    port: Type.Integer({ minimum: 1, maximum: 65535, default: 8021, description: 'Port of its event socket.' }),
    password: Type.String({ description: 'Password of its event socket; published defaults are refused.' }),
    weight: Type.Integer({ minimum: 1, maximum: 1000, default: 1, description: 'Its share of the new calls.' }),
    max_sessions: Type.Integer({ minimum: 1, maximum: 10_000, default: 100, description: 'Calls at once; each takes two of its channels.' }),
    drain: Type.Boolean({ default: false, description: 'true: no new calls.' }),
  },
  { additionalProperties: false },
);

const capacityOf = (capacity: number, description: string) => Type.Integer({ minimum: 1, maximum: 1000, default: capacity, description });

const workerPool = (workers: number) => ({
  workers: Type.Integer({ minimum: 0, maximum: 64, default: workers, description: 'Child processes; 0 when `targets` are used.' }),
  targets: Type.Array(
    Type.Object(
      { address: Type.String({ description: 'host:port of a worker on TCP with TLS.' }), ca_file: Type.String({ description: 'PEM: roots that the certificate of the worker is checked against.' }), cert_file: Type.Optional(Type.String({ description: 'PEM: our certificate, where the worker asks for one.' })), key_file: Type.Optional(Type.String({ description: 'PEM: its key.' })) },
      { additionalProperties: false },
    ),
    { default: [], description: 'Workers on other hosts.' },
  ),
});

const Tag = { pattern: '^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$' };
const VoiceName = { pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$' };

/** Defaults that hang on the language or the engine stand in `speech-languages.ts`. */
const Ear = strict({
  ...workerPool(1),
  capacity: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, description: 'Streams a worker; default is 16, with whisper 4.' })),
  engine: Type.Optional(Type.Union([Type.Literal('moonshine'), Type.Literal('vosk'), Type.Literal('whisper')], { description: "Recognition engine; default is the language's own: moonshine for English, whisper for any other." })),
  model: Type.Optional(Type.String({ description: "Model of the manifest; default is the engine's own." })),
  recognizer_threads: Type.Integer({ minimum: 1, maximum: 32, default: 1, description: 'Decoding threads a worker.' }),
});
const Mouth = strict({
  ...workerPool(1),
  capacity: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, description: 'Sentences a worker; default is 8, with a voice of Kokoro 2.' })),
  voice: Type.Optional(Type.String({ ...VoiceName, description: "Voice of the manifest; default is the language's own: en_US-joe-medium, for Chinese zf_xiaoxiao." })),
  voices: Type.Array(Type.String(VoiceName), { default: [], maxItems: 15, uniqueItems: true, description: 'Further voices, which flows may name.' }),
});

const Speech = strict({
  language: Type.String({ ...Tag, default: 'en-US', description: 'Language of flows that name none.' }),
  models_dir: Type.Optional(Type.String({ description: 'Model cache; default is the user cache directory.' })),
  prompt_dir: Type.Optional(Type.String({ description: 'Rendered prompts, which several servers may share; default is `prompts` in `data_dir`.' })),
  intent_dir: Type.Optional(Type.String({ description: 'Trained intent models, which several servers may share; default is `intents` in `data_dir`.' })),
  ear: Ear,
  mouth: Mouth,
  languages: Type.Array(
    Type.Object({ language: Type.String({ ...Tag, description: 'BCP 47, e.g. zh-CN; flows select it by their `language`.' }), ear: Ear, mouth: Mouth }, { additionalProperties: false }),
    { default: [], maxItems: 16, description: 'Languages besides `speech.language`, each with workers of its own; see workers.md.' },
  ),
  mind: strict({ ...workerPool(0), capacity: capacityOf(4, 'Context slots a worker.'), model: Type.String({ default: 'smollm2-135m-instruct', description: 'A model of the manifest, or the path of a GGUF file.' }), context_tokens: Type.Integer({ minimum: 256, maximum: 131_072, default: 1024, description: 'Room of one conversation: facts, last turns and the reply.' }) }),
});

const Turn = strict({
  pause_ms: Type.Integer({ minimum: 60, maximum: 1000, default: 120, description: 'Silence at which the words so far are decoded.' }),
  end_short_ms: Type.Integer({ minimum: 100, maximum: 3000, default: 260, description: 'Silence that ends a yes/no answer.' }),
  end_normal_ms: Type.Integer({ minimum: 100, maximum: 3000, default: 300, description: 'Silence that ends an open answer.' }),
  end_patient_ms: Type.Integer({ minimum: 100, maximum: 5000, default: 600, description: 'Silence that ends an answer which gives a value: a date, a name, an address.' }),
  end_long_ms: Type.Integer({ minimum: 100, maximum: 5000, default: 1200, description: 'Silence that ends spoken digits.' }),
  barge_in_speech_ms: Type.Integer({ minimum: 20, maximum: 1000, default: 60, description: 'Speech that interrupts the bot.' }),
});

const Dialer = strict({
  enabled: Type.Boolean({ default: true, description: 'Whether this server dials due tasks; without it tasks wait for another server.' }),
  mode: Type.Union([Type.Literal('ai'), Type.Literal('fixed')], { default: 'ai', description: '`ai`: as many calls at once as can be served at this moment, within `max_calls`; `fixed`: `max_calls`, as far as there are free places. Brakes make both slower.' }),
  max_calls: Type.Integer({ minimum: 0, maximum: 10_000, default: 8, description: 'Outbound calls at once.' }),
  calls_per_second: Type.Number({ exclusiveMinimum: 0, maximum: 1000, default: 2, description: 'New outbound calls a second of this server, evenly spaced.' }),
  people: Type.Record(Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$' }), Type.Integer({ minimum: 0, maximum: 10_000 }), {
    default: {},
    description: 'How many persons of a queue can take a call that is handed over alive, by the name of the queue: a call of a flow that may transfer to it is dialled only while one of them is free, and keeps one until it has ended. A queue that is not named here does not limit.',
  }),
  stop_limit_ms: Type.Integer({ minimum: 0, maximum: 3_600_000, default: 30_000, description: 'How long running calls may go on when the server stops.' }),
  poll_ms: Type.Integer({ minimum: 20, maximum: 60_000, default: 500, description: 'How often due tasks are looked for.' }),
  brakes: strict({
    reply_p95_ms: Type.Integer({ minimum: 0, maximum: 60_000, default: 2_500, description: "Dial more slowly while replies take longer than this (p95, from the caller's last sound to our first packet); 0: no limit." }),
    workers_busy_percent: Type.Integer({ minimum: 0, maximum: 100, default: 95, description: 'Dial more slowly while more than this share of mouth or mind capacity is in use; 0: no limit.' }),
    trunk_failures_percent: Type.Integer({ minimum: 0, maximum: 100, default: 50, description: 'Dial more slowly while more than this share of calls fail in the network; 0: no limit.' }),
    store_p95_ms: Type.Integer({ minimum: 0, maximum: 60_000, default: 1_000, description: 'Dial more slowly while saving an intent takes longer than this (p95); 0: no limit.' }),
    window_ms: Type.Integer({ minimum: 1_000, maximum: 3_600_000, default: 60_000, description: 'Period over which the brakes are measured.' }),
  }),
  abandon: strict({
    limit_percent: Type.Number({ minimum: 0, maximum: 100, default: 3, description: 'Highest share of answered calls in which the callee heard nothing for two seconds; above it the campaign stops dialling.' }),
    window_hours: Type.Integer({ minimum: 1, maximum: 720, default: 24, description: 'Period over which abandoned calls are counted.' }),
  }),
});

const Call = strict({
  max_duration_ms: Type.Integer({ minimum: 10_000, maximum: 14_400_000, default: 900_000, description: 'A call is ended after this time.' }),
  recover_ms: Type.Integer({ minimum: 500, maximum: 60_000, default: 8_000, description: 'How long a call waits for a lost speech worker before it is ended.' }),
});

const Recordings = strict({
  encrypt: Type.Boolean({ default: true, description: 'Put each finished recording under a key of its own; the API hands it out as it was.' }),
  key_file: Type.Optional(Type.String({ description: 'Master keys that the keys of recordings are sealed with; made if it is not there. Default `recordings.key` in `data_dir`; better on another disk. Recordings are lost without it.' })),
});

const Inbound = Type.Object(
  {
    number: Type.String({ description: 'User part of the request-URI; `*` takes all.' }),
    flow: Type.String({ description: 'Flow id.' }),
    early_prompt: Type.Optional(Type.String({ minLength: 1, maxLength: 400, description: 'Said before the call is answered, as early media (183); then the flow begins.' })),
  },
  { additionalProperties: false },
);

const Api = strict({
  address: Type.String({ default: '127.0.0.1', description: 'Address that the API listens on.' }),
  port: port(8080, 'HTTP port; 0 lets the system choose.'),
  body_limit_bytes: Type.Integer({ minimum: 1024, default: 1_048_576, description: 'Largest JSON body of a request; files that are imported are not limited by it.' }),
  auth: Type.Boolean({ default: true, description: 'Require API keys; false only on loopback.' }),
});

const Lookup = Type.Object(
  {
    url: Type.String({ pattern: '^https?://[^/?#{}]+([/?#].*)?$', maxLength: 2_000, description: 'Address; `{names}` behind its host are filled with what the flow gives, encoded.' }),
    method: Type.Union([Type.Literal('GET'), Type.Literal('POST')], { default: 'GET', description: 'POST sends what the flow gives as JSON.' }),
    headers: Type.Record(Type.String(), Type.String({ maxLength: 4_000 }), { default: {}, description: 'For example Authorization; never logged.' }),
  },
  { additionalProperties: false },
);

export const ConfigSchema = Type.Object({
  data_dir: Type.String({ default: './data', description: 'Store and recordings.' }),
  flows_dir: Type.Optional(Type.String({ description: 'Flow files loaded at start.' })),
  time_zone: Type.Optional(Type.String({ description: "IANA zone in which callers' times are understood; default is the machine's. A task's variable `time_zone` goes before it." })),
  log: Log,
  store: StoreSchema,
  retention: RetentionSchema,
  sip: Sip,
  drachtio: Type.Optional(Type.Array(Drachtio, { minItems: 1, maxItems: 16, description: 'Real drachtio-servers instead of the embedded one: one, or a list.' })),
  freeswitch: Type.Array(Freeswitch, { default: [], maxItems: 32, description: 'FreeSWITCH servers, for `media.engine: freeswitch`.' }),
  trunks: Type.Array(TrunkSchema, { default: [], maxItems: 500, description: 'Ways to carriers, PBXs and proxies; see trunks.md.' }),
  media: Media,
  speech: Speech,
  turn: Turn,
  call: Call,
  recordings: Recordings,
  dialer: Dialer,
  rules: RulesSchema,
  trace: TraceSchema,
  inbound: Type.Array(Inbound, { default: [], description: 'Which flow answers which called number.' }),
  lookups: Type.Record(Type.String({ pattern: '^[a-z][a-z0-9_.-]{0,63}$' }), Lookup, { default: {}, description: 'Systems that flows may ask in a call, by name.' }),
  webhooks: WebhooksSchema,
  mail: Type.Optional(MailSchema),
  api: Api,
}, { additionalProperties: false });

export type Config = Static<typeof ConfigSchema>;
