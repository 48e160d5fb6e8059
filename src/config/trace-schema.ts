import { Type } from '@sinclair/typebox';

/** What is kept of the signalling of calls, in memory only. */
export const TraceSchema = Type.Object(
  {
    enabled: Type.Boolean({ default: true, description: 'Keep the last SIP messages of each call in memory, for `trunkline trace`.' }),
    max_mb: Type.Integer({ minimum: 1, maximum: 4_096, default: 32, description: 'Memory of all traces together, MB; what is oldest goes first.' }),
    max_calls: Type.Integer({ minimum: 1, maximum: 100_000, default: 2_000, description: 'Calls kept, live and ended.' }),
    per_call_messages: Type.Integer({ minimum: 8, maximum: 10_000, default: 200, description: 'SIP messages kept of one call, and events.' }),
    keep_ms: Type.Integer({ minimum: 1_000, maximum: 604_800_000, default: 3_600_000, description: 'An ended call is forgotten after this time.' }),
    rtp: Type.Boolean({ default: false, description: 'Capture RTP headers of every call, never their audio; `POST /v1/calls/{id}:capture` does it for one.' }),
    rtp_packets: Type.Integer({ minimum: 100, maximum: 1_000_000, default: 6_000, description: 'RTP headers kept of one call, the newest: 100 a second with audio both ways, 48 bytes each.' }),
    rtp_calls: Type.Integer({ minimum: 1, maximum: 10_000, default: 20, description: 'Calls whose RTP headers are captured at once.' }),
  },
  { additionalProperties: false, default: {}, description: 'See observing.md.' },
);
