import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import { TrunklineError } from '../../kernel/errors.js';
import { isTimeZone } from '../../kernel/time-zone.js';
import { statisticKeys } from '../../store/statistics.js';
import type { StatisticRow } from '../../store/statistics.js';
import type { ApiDeps } from '../deps.js';
import { oneOf, problems, strict } from '../schemas.js';

const DAY_MS = 24 * 3_600_000;
const MAX_DAYS = 400;

const Query = strict({
  by: oneOf(statisticKeys, 'What the calls are grouped by; `hour` is that of the day.'),
  campaign: Type.Optional(Type.String({ maxLength: 64, description: 'Of this one only.' })),
  from: Type.Optional(Type.String({ format: 'date-time', description: 'Calls that began from then on; default 30 days before `to`.' })),
  to: Type.Optional(Type.String({ format: 'date-time', description: 'And before then; default now.' })),
  timeZone: Type.Optional(Type.String({ maxLength: 64, description: 'IANA zone of the hours; default UTC.' })),
});
const Row = strict({
  key: Type.String(),
  attempts: Type.Integer({ description: 'Outbound dials that ended.' }),
  answered: Type.Integer({ description: 'Taken by somebody or something.' }),
  human: Type.Integer({ description: 'By a person.' }),
  answerRate: Type.Number({ description: 'human / attempts, 0 to 1.' }),
  results: Type.Integer({ description: 'Tasks that ended with their result.' }),
  followUps: Type.Integer(),
  handoffs: Type.Integer(),
  redials: Type.Integer(),
  talkMs: Type.Number({ description: 'All talk together, ms.' }),
  meanTalkMs: Type.Number({ description: 'Mean of the answered ones, ms.' }),
});

export function statisticRoutes(app: FastifyInstance, deps: ApiDeps): void {
  app.get<{ Querystring: Static<typeof Query> }>(
    '/v1/statistics',
    {
      config: { scope: 'results:read' },
      schema: { operationId: 'getStatistics', summary: 'What outbound calls came to, by groups, the largest first', tags: ['results'], querystring: Query, response: { 200: strict({ items: Type.Array(Row) }), ...problems } },
    },
    async (request) => {
      const { by, campaign, timeZone = 'UTC' } = request.query;
      const to = request.query.to === undefined ? deps.clock.now() : Date.parse(request.query.to);
      const from = request.query.from === undefined ? to - 30 * DAY_MS : Date.parse(request.query.from);
      if (from >= to || to - from > MAX_DAYS * DAY_MS) throw new TrunklineError('TRK_INVALID_REQUEST', { params: { reason: `lies before \`to\`, by at most ${MAX_DAYS} days` }, field: 'from' });
      if (!isTimeZone(timeZone)) throw new TrunklineError('TRK_INVALID_REQUEST', { params: { reason: 'no time zone has this name' }, field: 'timeZone' });
      const rows = await deps.store.statistics({ by, from, to, timeZone, ...(campaign === undefined ? {} : { campaignId: campaign }) });
      return { items: rows.map(wireRow) };
    },
  );
}

function wireRow(row: StatisticRow) {
  const rate = (part: number, whole: number): number => (whole === 0 ? 0 : Math.round((part / whole) * 10_000) / 10_000);
  return { ...row, answerRate: rate(row.human, row.attempts), meanTalkMs: row.answered === 0 ? 0 : Math.round(row.talkMs / row.answered) };
}
