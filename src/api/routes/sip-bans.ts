import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import { TrunklineError } from '../../kernel/errors.js';
import type { BanDesk } from '../deps.js';
import { pageOf, problems, strict } from '../schemas.js';
import { timeOf } from '../wire.js';

const Params = strict({ address: Type.String({ minLength: 2, maxLength: 64, pattern: '^[0-9A-Fa-f.:]+(?:/64)?$', description: 'An address of the source, or the /64 as the list shows it, with its slash as `%2F`.' }) });

const Ban = strict({
  source: Type.String({ description: 'An IPv4 address, or an IPv6 /64.' }),
  reason: Type.String({ description: 'What it did last: `garbage`, `credentials`, `403` or `404`.' }),
  times: Type.Integer({ description: 'Its how manyth ban in a row this is; each is twice as long as the one before.' }),
  since: Type.String({ format: 'date-time' }),
  until: Type.String({ format: 'date-time' }),
});

/** Sources that the embedded SIP server does not hear for a while. */
export function sipBanRoutes(app: FastifyInstance, desk: BanDesk): void {
  const tags = ['sip'];
  const config = { scope: 'admin' } as const;

  app.get('/v1/sip/bans', { config, schema: { operationId: 'listSipBans', summary: 'SIP sources that are banned now, the newest first', tags, response: { 200: pageOf(Ban), ...problems } } }, () => ({
    items: desk.bans().map((ban) => ({ ...ban, since: timeOf(ban.since), until: timeOf(ban.until) })),
  }));

  app.delete<{ Params: Static<typeof Params> }>(
    '/v1/sip/bans/:address',
    { config, schema: { operationId: 'liftSipBan', summary: 'Lift a ban, and forget those before it', tags, params: Params, response: { 204: Type.Null(), ...problems } } },
    async (request, reply) => {
      if (!desk.lift(request.params.address)) throw new TrunklineError('TRK_NOT_FOUND', { params: { what: 'ban' } });
      return reply.status(204).send();
    },
  );
}
