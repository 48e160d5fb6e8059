import { Type } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import type { ApiDeps } from '../deps.js';
import { problems, strict } from '../schemas.js';

const Readiness = strict({
  ready: Type.Boolean(),
  parts: Type.Record(Type.String(), strict({ ready: Type.Boolean(), detail: Type.Optional(Type.String()) })),
});

/** Open to everyone who reaches the port: they hold nothing about people. */
export function healthRoutes(app: FastifyInstance, deps: ApiDeps): void {
  const tags = ['health'];
  app.get(
    '/healthz',
    { config: { open: true }, schema: { operationId: 'health', summary: 'The process lives', tags, response: { 200: strict({ status: Type.Literal('ok'), version: Type.String() }) } } },
    () => ({ status: 'ok', version: deps.version }),
  );

  app.get(
    '/readyz',
    {
      config: { open: true },
      schema: { operationId: 'readiness', summary: 'Calls can be made and taken', tags, response: { 200: Readiness, 503: Readiness } },
    },
    async (_request, reply) => {
      const parts = await deps.readiness();
      const ready = Object.values(parts).every((part) => part.ready);
      return reply.status(ready ? 200 : 503).send({ ready, parts });
    },
  );

  app.get(
    '/metrics',
    { config: { open: true }, schema: { operationId: 'metrics', summary: 'Prometheus metrics', tags, produces: ['text/plain'], response: { 200: Type.String(), ...problems } } },
    async (_request, reply) => reply.type(deps.registry.contentType).send(await deps.registry.metrics()),
  );
}
