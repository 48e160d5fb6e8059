import { Type } from '@sinclair/typebox';

/** Where everything that outlives the process lies. */
export const StoreSchema = Type.Object(
  {
    kind: Type.Union([Type.Literal('sqlite'), Type.Literal('postgres')], { default: 'sqlite', description: '`sqlite`: a file under `data_dir`, for one server; `postgres`: any number of servers on one database, PostgreSQL 13 or newer.' }),
    url: Type.Optional(Type.String({ pattern: '^postgres(?:ql)?://', maxLength: 2_000, description: 'PostgreSQL: `postgres://user@host:5432/database`, with `?sslmode=verify-full` over a network. Never logged.' })),
    password: Type.Optional(Type.String({ minLength: 1, maxLength: 1_000, description: 'PostgreSQL: wins over one in the URL. Never logged.' })),
    pool_size: Type.Integer({ minimum: 2, maximum: 100, default: 8, description: 'PostgreSQL: connections of one server; one more waits for notifications.' }),
  },
  { additionalProperties: false, default: {} },
);

const days = (minimum: number, description: string) => Type.Optional(Type.Integer({ minimum, maximum: 36_500, description }));

/** How long what is about people is kept; what is not named is kept for ever. */
export const RetentionSchema = Type.Object(
  {
    recordings_days: days(1, 'Recordings are deleted so many days after the call.'),
    transcripts_days: days(1, 'What was said: transcripts, slots, evidence of the mood, events of what was said.'),
    // Caps and quiet times look back over a month at most.
    numbers_days: days(31, 'Numbers and variables of tasks that are over, targets of transfers, messages that were sent. Contacts stay until they are erased.'),
    events_days: days(1, 'Events; the newest 100,000 are kept at most.'),
  },
  { additionalProperties: false, default: {}, description: 'How long what is about people is kept; see store.md.' },
);
