import { Type } from '@sinclair/typebox';

const Purpose = Type.String({ pattern: '^[a-z][a-z0-9_.-]{0,63}$' });
const Country = Type.String({ pattern: '^[A-Z]{2}$' });
const DAY_MS = 86_400_000;

/** What may be dialled, and when: docs/rules.md. The defaults are those of a cautious caller. */
export const RulesSchema = Type.Object(
  {
    default_purpose: Type.String({ pattern: Purpose.pattern!, default: 'service', description: 'Purpose of tasks and campaigns that name none.' }),
    consent_purposes: Type.Array(Purpose, { default: ['marketing'], maxItems: 100, description: 'Purposes for which nobody is called without a consent that is in force. A refusal counts for every purpose.' }),
    legal_hours: Type.Boolean({ default: true, description: "Hours of law and practice where the callee is, besides those of the campaign; the list is in rules.md. false: only a campaign's own hours count." }),
    legal_hours_exempt: Type.Array(Purpose, { default: [], maxItems: 100, description: 'Purposes for which legal hours, holidays and caps do not count, such as a call back that was asked for.' }),
    holidays: Type.Array(Type.String({ pattern: '^(?:callee|[A-Z]{2}(?:-[A-Z0-9]{1,3})?)$' }), { default: [], maxItems: 50, description: 'Nobody is called on public holidays of these places: `CN`, `US-CA`; `callee`: of the place called.' }),
    countries: Type.Array(Country, { default: [], maxItems: 260, description: 'Countries that may be called; empty: all.' }),
    countries_denied: Type.Array(Country, { default: [], maxItems: 260, description: 'Countries that may not.' }),
    caller_numbers: Type.Array(Type.String({ pattern: '^[A-Za-z0-9+_.-]{1,64}$' }), { default: [], maxItems: 10_000, description: 'Caller numbers that may be shown; empty: any. A campaign has its own list besides.' }),
    per_number_a_day: Type.Integer({ minimum: 0, maximum: 100, default: 3, description: "Calls to one phone number in a day of the callee's zone, over all campaigns; 0: no cap." }),
    per_number_a_week: Type.Integer({ minimum: 0, maximum: 100, default: 7, description: 'The same in seven days; 0: no cap.' }),
    quiet_after_abandoned_ms: Type.Integer({ minimum: 0, maximum: 31 * DAY_MS, default: 3 * DAY_MS, description: 'How long a number is left alone after a call to it was abandoned.' }),
    quiet_after_refused_ms: Type.Integer({ minimum: 0, maximum: 365 * DAY_MS, default: DAY_MS, description: 'The same after a call that was rejected, or in which the offer was refused.' }),
    cost_per_minute: Type.Number({ minimum: 0, maximum: 1_000_000, default: 0, description: 'Of talk, in the units of spend caps; 0: there is no price, and a campaign with a spend cap is refused.' }),
    subject_key_file: Type.Optional(Type.String({ description: 'Key of the hashes by which numbers are remembered; default is `subject.key` in `data_dir`, made at the first start. Nodes on one PostgreSQL need the same.' })),
    refusal_reasons: Type.Array(Type.String({ pattern: '^[a-z][a-z0-9_]{0,63}$' }), { default: ['refused', 'not_interested'], maxItems: 50, description: 'Reasons of a verdict `end` that count as refused.' }),
  },
  { additionalProperties: false, default: {}, description: 'What may be dialled, and when; see rules.md.' },
);
