/**
 * Every error that leaves a room has a code from this one table. A code says
 * whether trying again can help and which HTTP status carries it; docs/errors.md
 * is tested to list exactly these.
 *
 * A retired code is never used again for something else.
 */
export interface ErrorKind {
  /** One plain sentence; `{name}` is filled from `params`. Never holds speech, digits or numbers of people. */
  readonly message: string;
  /** The same request may succeed later without being changed. */
  readonly retryable: boolean;
  /** HTTP status when it reaches the API. */
  readonly status: number;
}

const kinds = {
  // Configuration and start
  TRK_CONFIG_INVALID: { message: 'Configuration is not valid: {reason}.', retryable: false, status: 500 },
  TRK_CONFIG_UNREADABLE: { message: 'A file or folder that the configuration names cannot be used: {reason}.', retryable: false, status: 500 },
  TRK_PORT_IN_USE: { message: 'Port {port} ({transport}) is in use by another program.', retryable: true, status: 500 },
  TRK_NATIVE_MISSING: { message: 'The native media core is not built; run "npm run build:native".', retryable: false, status: 500 },
  TRK_SERVER_UNREACHABLE: { message: 'No server answers at {url}.', retryable: true, status: 502 },
  TRK_SERVER_REFUSED: { message: 'The server answers: {answer}', retryable: false, status: 502 },
  TRK_USAGE: { message: '{reason}', retryable: false, status: 400 },
  TRK_CLOSED: { message: '{what} is closed.', retryable: false, status: 503 },
  TRK_INTERNAL: { message: 'Internal error: {reason}.', retryable: true, status: 500 },

  // Models
  TRK_MODEL_MISSING: { message: 'Model {model} is not installed; run "trunkline models pull {model}".', retryable: false, status: 503 },
  TRK_MODEL_ENVIRONMENT: { message: 'The Python environment of model {model} is missing or incomplete; run "trunkline models pull {model}".', retryable: false, status: 503 },
  TRK_MODEL_CORRUPT: { message: 'Model file {file} has the wrong sha256; run "trunkline models pull".', retryable: false, status: 503 },
  TRK_MODEL_SOURCE: { message: 'Model {model} could not be downloaded from any source: {reason}.', retryable: true, status: 503 },
  TRK_MODEL_UNKNOWN: { message: 'No model named {model} is in the manifest.', retryable: false, status: 404 },

  // SIP
  TRK_SIP_PARSE: { message: 'SIP message is malformed: {reason}.', retryable: false, status: 400 },
  TRK_SIP_TOO_LARGE: { message: 'SIP message exceeds the limit: {reason}.', retryable: false, status: 413 },
  TRK_SIP_URI: { message: 'Not a valid SIP URI or phone number.', retryable: false, status: 400 },
  TRK_SIP_NO_ROUTE: { message: 'No trunk carries calls to this number; configure one in trunks, or set sip.gateway.address.', retryable: false, status: 422 },
  TRK_SIP_TRANSPORT: { message: 'SIP transport failed: {reason}.', retryable: true, status: 502 },
  TRK_SIP_CERTIFICATE: { message: 'A TLS certificate cannot be used: {reason}.', retryable: false, status: 502 },
  TRK_SIP_TIMEOUT: { message: 'The far end did not answer in time.', retryable: true, status: 504 },
  TRK_SIP_REJECTED: { message: 'The far end answered {status}.', retryable: false, status: 502 },
  TRK_SIP_REDIRECTED: { message: 'The far end answered {status} and sent the call on to another number, which is not dialled.', retryable: false, status: 502 },
  TRK_SIP_CREDENTIALS: { message: 'The far end answered {status}: it refuses the digest credentials, or asks for credentials and none are configured.', retryable: false, status: 502 },
  TRK_SIP_CHALLENGE: { message: 'The far end asks for a proof that cannot be given: {reason}.', retryable: false, status: 502 },
  TRK_SIP_CANCELLED: { message: 'The call was cancelled before it was answered.', retryable: false, status: 409 },
  TRK_SIP_DIALOG_GONE: { message: 'The SIP dialog no longer exists.', retryable: false, status: 410 },
  TRK_TRANSFER_REFUSED: { message: 'The far end refuses to be transferred, with {status}.', retryable: false, status: 502 },
  TRK_SIP_NOT_CONNECTED: { message: 'No connection to the SIP server.', retryable: true, status: 503 },
  TRK_SIP_OVERLOAD: { message: 'Too many SIP transactions.', retryable: true, status: 503 },
  TRK_DRACHTIO_SECRET: { message: 'The drachtio secret is empty or a published default; set a secret of your own.', retryable: false, status: 500 },
  TRK_DRACHTIO_AUTH: { message: 'The drachtio server refused the secret.', retryable: true, status: 503 },

  // Trunks
  TRK_TRUNK_DENIED: { message: 'The call may not go out by trunk {trunk}: {reason}.', retryable: false, status: 422 },
  TRK_TRUNK_BUSY: { message: 'No trunk to this destination is up and has a free channel.', retryable: true, status: 503 },
  TRK_TRUNK_UNRESOLVED: { message: 'The name {host} of a trunk has no address.', retryable: true, status: 502 },
  TRK_TRUNK_UNREACHABLE: { message: 'Trunk {trunk} does not answer: {reason}.', retryable: true, status: 502 },
  TRK_TRUNK_CREDENTIALS: { message: 'Trunk {trunk} refuses the credentials with {status}.', retryable: false, status: 502 },
  TRK_TRUNK_REFUSED: { message: 'Trunk {trunk} answers {status}.', retryable: true, status: 502 },

  // SDP and media
  TRK_SDP_PARSE: { message: 'SDP is malformed: {reason}.', retryable: false, status: 400 },
  TRK_SDP_NO_AUDIO: { message: 'SDP offers no usable audio stream.', retryable: false, status: 488 },
  TRK_SDP_NO_CODEC: { message: 'No common audio codec.', retryable: false, status: 488 },
  TRK_SDP_ADDRESS: { message: "The far end's audio address is IPv6 and our RTP sockets are IPv4, or the other way round.", retryable: false, status: 488 },
  TRK_SDP_SRTP_REQUIRED: { message: 'SRTP is required, and the far end offers none that we know.', retryable: false, status: 488 },
  TRK_MEDIA_NO_SRTP: { message: 'SRTP is required, and this build has none; install libsrtp2-dev and build again.', retryable: false, status: 500 },
  TRK_MEDIA_PORTS_EXHAUSTED: { message: 'No free RTP port pair in the configured range.', retryable: true, status: 503 },
  TRK_MEDIA_PLAYOUT_FULL: { message: 'The playout queue is full.', retryable: true, status: 503 },
  TRK_MEDIA_RECORDING: { message: 'The recording could not be written: {reason}.', retryable: true, status: 507 },
  TRK_MEDIA_STATE: { message: 'The media session cannot do this now: {reason}.', retryable: false, status: 409 },
  TRK_MEDIA_FREESWITCH_PASSWORD: { message: 'The FreeSWITCH password is empty or a published default; set a password of your own.', retryable: false, status: 500 },
  TRK_MEDIA_FREESWITCH_DOWN: { message: 'FreeSWITCH {server} cannot be used: {reason}.', retryable: true, status: 503 },
  TRK_MEDIA_FREESWITCH_NONE: { message: 'No FreeSWITCH server can take a call now: {reason}.', retryable: true, status: 503 },
  TRK_MEDIA_FREESWITCH_LOST: { message: 'FreeSWITCH {server} was lost during the call: {reason}.', retryable: true, status: 503 },
  TRK_MEDIA_FREESWITCH_REFUSED: { message: 'FreeSWITCH {server} refused {what}: {reason}.', retryable: false, status: 502 },
  TRK_RECORDING_KEY: { message: 'The recording is sealed with a key that is not in recordings.key_file: {key}.', retryable: false, status: 500 },
  TRK_RECORDING_CORRUPT: { message: 'The recording was changed or damaged on disk.', retryable: false, status: 500 },
  TRK_RECORDING_ELSEWHERE: { message: 'The recording lies on another server: {server}.', retryable: false, status: 421 },
  TRK_AUDIO_FORMAT: { message: 'Audio format is not supported: {reason}.', retryable: false, status: 415 },

  // Speech workers
  TRK_WORKER_LOST: { message: 'The {worker} worker was lost.', retryable: true, status: 503 },
  TRK_WORKER_START: { message: 'The {worker} worker could not start: {reason}.', retryable: true, status: 503 },
  TRK_WORKER_BUSY: { message: 'The {worker} worker has no free capacity.', retryable: true, status: 503 },
  TRK_SPEECH_DEADLINE: { message: 'The {worker} worker missed its deadline.', retryable: true, status: 504 },
  TRK_SPEECH_REQUEST: { message: 'The {worker} worker refused the request: {reason}.', retryable: false, status: 400 },

  // Flows and dialogue
  TRK_LOOKUP_UNKNOWN: { message: 'No lookup named {lookup} is configured.', retryable: false, status: 404 },
  TRK_LOOKUP_FAILED: { message: 'The lookup {lookup} failed: {reason}.', retryable: true, status: 502 },
  TRK_LOOKUP_DEADLINE: { message: 'The lookup {lookup} missed its deadline.', retryable: true, status: 504 },
  TRK_FLOW_INVALID: { message: 'Flow is not valid: {reason}.', retryable: false, status: 422 },
  TRK_FLOW_UNKNOWN: { message: 'No flow named {flow}.', retryable: false, status: 404 },
  TRK_FLOW_LATE: { message: 'The flow was not ready within {ms} ms.', retryable: true, status: 504 },
  TRK_FLOW_VARIABLE: { message: 'Variable {name} has no value.', retryable: false, status: 422 },

  // Store, tasks, API
  TRK_STORE: { message: 'The store failed: {reason}.', retryable: true, status: 503 },
  TRK_STORE_AWAY: { message: 'The database cannot be reached: {reason}.', retryable: true, status: 503 },
  TRK_BACKUP_INVALID: { message: 'The backup cannot be restored: {reason}.', retryable: false, status: 422 },
  TRK_STORE_FULL: { message: 'The store has no space left.', retryable: true, status: 507 },
  TRK_STORE_VERSION: { message: 'The store was written by a newer version: {reason}.', retryable: false, status: 500 },
  TRK_CONFLICT: { message: '{reason}', retryable: false, status: 409 },
  TRK_DIAL_REFUSED: { message: 'Rule {rule} blocks this call.', retryable: false, status: 409 },
  TRK_DIAL_FULL: { message: 'Nothing is free to serve a call now.', retryable: true, status: 503 },
  TRK_IDEMPOTENCY_MISMATCH: { message: 'This Idempotency-Key was used with a different request.', retryable: false, status: 422 },
  TRK_NOT_FOUND: { message: 'There is no {what} with this id.', retryable: false, status: 404 },
  TRK_CAPTURE_LIMIT: { message: 'The RTP headers of {limit} calls are captured already.', retryable: true, status: 503 },
  TRK_TRACE_GONE: { message: 'The SIP trace of this call is no longer kept.', retryable: false, status: 404 },
  TRK_INVALID_REQUEST: { message: 'Request is not valid: {reason}.', retryable: false, status: 400 },
  TRK_FILTER_INVALID: { message: 'Filter is not valid at character {position}: {reason}.', retryable: false, status: 422 },
  TRK_IMPORT_INVALID: { message: 'The file cannot be imported: {reason}.', retryable: false, status: 422 },
  TRK_NUMBER_INVALID: { message: 'Not a valid phone number or SIP URI.', retryable: false, status: 422 },
  TRK_UNAUTHORIZED: { message: 'A valid API key is required.', retryable: false, status: 401 },
  TRK_FORBIDDEN: { message: 'The API key lacks the scope {scope}.', retryable: false, status: 403 },
  TRK_MAIL_FAILED: { message: 'The mail server cannot be used: {reason}.', retryable: true, status: 502 },
  TRK_RATE_LIMITED: { message: 'Too many requests.', retryable: true, status: 429 },
  TRK_TOO_LARGE: { message: 'Request body is larger than {limit} bytes.', retryable: false, status: 413 },
  TRK_SLOW_CONSUMER: { message: 'Events were not read for {ms} ms.', retryable: true, status: 408 },
  TRK_CURSOR_INVALID: { message: 'The cursor is not valid or has expired.', retryable: false, status: 400 },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof kinds;

export const errorKinds: Readonly<Record<ErrorCode, ErrorKind>> = kinds;

export interface ErrorDetails {
  /** Fills the `{name}` places of the message. */
  readonly params?: Readonly<Record<string, string | number>>;
  /** Path of the input that is wrong, e.g. `nodes.greeting.say[0]`. */
  readonly field?: string;
  readonly cause?: unknown;
}

export class TrunklineError extends Error {
  override readonly name = 'TrunklineError';
  readonly code: ErrorCode;
  readonly field: string | undefined;
  /** What stands in the message: with it the error can be made again on the other side of a process. */
  readonly params: Readonly<Record<string, string | number>>;
  readonly retryable: boolean;
  readonly status: number;

  constructor(code: ErrorCode, details: ErrorDetails = {}) {
    const kind = kinds[code];
    const params: Readonly<Record<string, string | number>> = details.params ?? {};
    super(
      kind.message.replace(/\{(\w+)\}/g, (whole, name: string) => String(params[name] ?? whole)),
      details.cause === undefined ? undefined : { cause: details.cause },
    );
    this.code = code;
    this.field = details.field;
    this.params = params;
    this.retryable = kind.retryable;
    this.status = kind.status;
  }

  /** The body that the API and `--json` print. */
  toJSON(): { code: ErrorCode; message: string; field?: string; docs: string } {
    return {
      code: this.code,
      message: this.message,
      ...(this.field === undefined ? {} : { field: this.field }),
      docs: `docs/errors.md#${this.code.toLowerCase()}`,
    };
  }
}

/** Whatever was thrown, as a coded error. */
export function asTrunklineError(thrown: unknown): TrunklineError {
  if (thrown instanceof TrunklineError) return thrown;
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return new TrunklineError('TRK_INTERNAL', { params: { reason }, cause: thrown });
}
