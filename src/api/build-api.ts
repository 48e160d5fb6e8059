import swagger from '@fastify/swagger';
import websocket from '@fastify/websocket';
import Fastify, { LogController } from 'fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { TrunklineError } from '../kernel/errors.js';
import { Authenticator, isForeignPage, isLoopback } from './auth.js';
import type { Caller } from './auth.js';
import type { ApiDeps } from './deps.js';
import { answerBrokenHttp, asApiError, registerErrors, sendError } from './errors.js';
import { FlowLookup } from './flow-lookup.js';
import type { Scope } from './keys.js';
import { apiKeyRoutes } from './routes/api-keys.js';
import { callRoutes } from './routes/calls.js';
import { eventRoutes } from './routes/events.js';
import { flowRoutes } from './routes/flows.js';
import { healthRoutes } from './routes/health.js';
import { resultRoutes } from './routes/results.js';
import { taskRoutes } from './routes/tasks.js';
import { trunkRoutes } from './routes/trunks.js';
import { createValidatorCompiler } from './validation.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the key must be allowed. */
    scope?: Scope;
    /** Needs no key. */
    open?: boolean;
    /** A key may also come as the first message of the WebSocket. */
    keyInMessage?: boolean;
  }
  interface FastifyRequest {
    /** Who asks; set on every route that is not open. */
    caller: Caller;
  }
}

/**
 * The REST API and the event WebSocket, not yet listening. TRK_CONFIG_INVALID if keys
 * are switched off on an address that others can reach.
 */
export async function buildApi(deps: ApiDeps): Promise<FastifyInstance> {
  if (!deps.config.auth && !isLoopback(deps.config.address)) {
    throw new TrunklineError('TRK_CONFIG_INVALID', { params: { reason: 'without keys the API may listen on loopback only' }, field: 'api.auth' });
  }
  const app = Fastify({
    bodyLimit: deps.config.body_limit_bytes,
    // Own entries below: Fastify's hold whole URLs and addresses.
    logController: new LogController({ disableRequestLogging: true }),
    loggerInstance: deps.log,
    requestTimeout: 60_000,
    // Closing must not wait for a client that keeps its connection open and says nothing.
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 300 },
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
    clientErrorHandler: answerBrokenHttp,
    frameworkErrors: (error, _request, reply) => void sendError(reply as unknown as FastifyReply, asApiError(error, deps.config.body_limit_bytes)),
  }) as unknown as FastifyInstance;
  const authenticator = new Authenticator({ store: deps.store, clock: deps.clock, required: deps.config.auth });

  app.removeContentTypeParser('text/plain');
  app.setValidatorCompiler(createValidatorCompiler());
  // Answers are built field by field; a serializer that drops what a schema forgot would hide mistakes.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  registerErrors(app);
  // Before our own hook: a refused upgrade is closed only if the plugin has seen it first.
  await app.register(websocket, {
    options: { maxPayload: 4096 },
    errorHandler: (error, socket) => {
      deps.log.debug({ code: 'TRK_INVALID_REQUEST', err: error }, 'a WebSocket client broke the protocol');
      socket.terminate();
    },
  });
  registerAccess(app, deps, authenticator);
  await app.register(swagger, { openapi: description(deps) });

  const flows = new FlowLookup(deps);
  app.register((scope, _options, done) => {
    healthRoutes(scope, deps);
    taskRoutes(scope, deps, flows);
    callRoutes(scope, deps);
    resultRoutes(scope, deps);
    eventRoutes(scope, deps, authenticator);
    apiKeyRoutes(scope, deps);
    if (deps.trunks !== undefined) trunkRoutes(scope, deps, deps.trunks);
    scope.get('/openapi.json', { config: { open: true }, schema: { hide: true } }, () => app.swagger());
    done();
  });
  // In a scope of its own: its bodies are files, not JSON to be parsed.
  app.register((scope, _options, done) => {
    flowRoutes(scope, deps);
    done();
  });
  await app.ready();
  return app;
}

function registerAccess(app: FastifyInstance, deps: ApiDeps, authenticator: Authenticator): void {
  app.decorateRequest('caller', undefined as never);
  app.addHook('onRoute', (route) => {
    const config = route.config ?? {};
    if (config.open !== true && config.scope === undefined) throw new Error(`route ${route.url} says neither its scope nor that it is open`);
  });
  app.addHook('onRequest', async (request: FastifyRequest) => {
    const { scope, open, keyInMessage } = request.routeOptions.config;
    if (open === true || scope === undefined) return;
    if (!authenticator.required && isForeignPage(request.headers)) throw new TrunklineError('TRK_UNAUTHORIZED');
    if (keyInMessage === true && request.headers.authorization === undefined && authenticator.required) return;
    request.caller = await authenticator.authorize(request.headers.authorization, scope, request.ip);
  });
  app.addHook('onResponse', async (request, reply) => {
    deps.log.debug({ method: request.method, route: request.routeOptions.url, status: reply.statusCode, ms: Math.round(reply.elapsedTime) }, 'request');
  });
}

function description(deps: ApiDeps) {
  return {
    openapi: '3.1.0' as const,
    info: { title: 'trunkline', version: deps.version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' }, description: 'Voice bots and outbound calling. Errors: docs/errors.md. Events: docs/api.md.' },
    components: { securitySchemes: { key: { type: 'http' as const, scheme: 'bearer', description: 'API key, `trk_...`' } } },
    security: [{ key: [] }],
  };
}
