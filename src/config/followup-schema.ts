import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';

/** What leaves the server besides calls: webhooks and mail. */
export const WebhooksSchema = Type.Object(
  {
    allow: Type.Array(Type.String(), { default: [], maxItems: 64, description: 'Networks (`10.1.0.0/16`) that webhooks may be sent to although they are not public. Loopback and private networks are refused without this.' }),
    timeout_ms: Type.Integer({ minimum: 100, maximum: 60_000, default: 10_000, description: 'For one try, from the look-up of the name to the answer.' }),
    per_endpoint: Type.Integer({ minimum: 1, maximum: 64, default: 4, description: 'Deliveries to one endpoint at once.' }),
    keep_days: Type.Integer({ minimum: 1, maximum: 365, default: 14, description: 'How long deliveries that ended, mail too, can be looked at and sent again.' }),
  },
  { additionalProperties: false, default: {} },
);

export const MailSchema = Type.Object(
  {
    host: Type.String({ minLength: 1, description: 'SMTP server.' }),
    port: Type.Integer({ minimum: 1, maximum: 65_535, default: 587, description: 'Its port; usually 465 with `tls`, 25 on this machine.' }),
    security: Type.Union([Type.Literal('starttls'), Type.Literal('tls'), Type.Literal('none')], { default: 'starttls', description: '`starttls`: plain at first, no mail without encryption; `tls`: from the first byte (port 465); `none`: for a server on this machine.' }),
    ca_file: Type.Optional(Type.String({ description: "PEM: roots that its certificate is checked against; default is Node's list." })),
    username: Type.Optional(Type.String({ description: 'Where the server asks for one.' })),
    password: Type.Optional(Type.String({ description: 'Never logged.' })),
    from: Type.String({ minLength: 3, maxLength: 320, description: 'Sender, such as `trunkline <calls@example.com>`.' }),
    console_url: Type.Optional(Type.String({ pattern: '^https?://', description: 'Address of this server for people; mails link to the campaign there.' })),
    digest_at: Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$', default: '08:00', description: 'When the daily digest of the day before is mailed, in `time_zone`.' }),
    timeout_ms: Type.Integer({ minimum: 1_000, maximum: 100_000, default: 30_000, description: 'For one try to send a mail, from the connection to the last answer; then it is cut off and tried again.' }),
  },
  { additionalProperties: false, description: 'Mail to the teams of campaigns; none is sent without this section.' },
);

export type MailConfig = Static<typeof MailSchema>;
