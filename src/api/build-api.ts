import swagger from '@fastify/swagger';
import websocket from '@fastify/websocket';
import Fastify, { LogController } from 'fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { TrunklineError } from '../kernel/errors.js';
import { isLoopback } from '../kernel/loopback.js';
import { Authenticator, isForeignPage } from './auth.js';
import type { Caller } from './auth.js';
import type { Timer } from '../kernel/clock.js';
import type { ApiDeps } from './deps.js';
import { answerBrokenHttp, asApiError, registerErrors, sendError } from './errors.js';
import { FlowLookup } from './flow-lookup.js';
import type { Scope } from './keys.js';
import { apiKeyRoutes } from './routes/api-keys.js';
import { audienceRoutes } from './routes/audiences.js';
import { callRoutes } from './routes/calls.js';
import { contactImportRoutes } from './routes/contact-imports.js';
import { contactRoutes } from './routes/contacts.js';
import { campaignRoutes } from './routes/campaigns.js';
import { eventRoutes } from './routes/events.js';
import { flowRoutes } from './routes/flows.js';
import { healthRoutes } from './routes/health.js';
import { peopleRoutes } from './routes/people.js';
import { previewDialingRoutes } from './routes/preview-dialing.js';
import { resultRoutes } from './routes/results.js';
import { sipBanRoutes } from './routes/sip-bans.js';
import { suppressionImportRoute, suppressionRoutes } from './routes/suppressions.js';
import { statisticRoutes } from './routes/statistics.js';
import { taskRoutes } from './routes/tasks.js';
import { teamRoutes } from './routes/teams.js';
import { traceRoutes } from './routes/traces.js';
import { trunkRoutes } from './routes/trunks.js';
import { webhookRoutes } from './routes/webhooks.js';
import { createValidatorCompiler } from './validation.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the key must be allowed. */
    scope?: Scope;
    /** Needs no key. */
    open?: boolean;
    /** A key may also come as the first message of the WebSocket. */
    keyInMessage?: boolean;
    /** Its body is a stream of any length: it may take as long as it goes on coming. */
    streams?: boolean;
  }
  interface FastifyRequest {
    /** Who asks; set on every route that is not open. */
    caller: Caller;
  }
}

/** By then the header of a request is here, and its body, ms. */
const BODY_TIMEOUT_MS = 60_000;

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
    // A file may take longer than any other body: `limitBodies` keeps the time of those.
    http: { headersTimeout: BODY_TIMEOUT_MS, requestTimeout: 0 },
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
  limitBodies(app, deps);
  registerAccess(app, deps, authenticator);
  await app.register(swagger, { openapi: description(deps) });

  const flows = new FlowLookup(deps);
  app.register((scope, _options, done) => {
    healthRoutes(scope, deps);
    taskRoutes(scope, deps, flows);
    contactRoutes(scope, deps);
    contactImportRoutes(scope, deps);
    audienceRoutes(scope, deps);
    peopleRoutes(scope, deps);
    callRoutes(scope, deps);
    traceRoutes(scope, deps);
    resultRoutes(scope, deps);
    suppressionRoutes(scope, deps);
    eventRoutes(scope, deps, authenticator);
    apiKeyRoutes(scope, deps);
    statisticRoutes(scope, deps);
    webhookRoutes(scope, deps, deps.outbox);
    teamRoutes(scope, deps);
    if (deps.campaigns !== undefined) {
      campaignRoutes(scope, deps, deps.campaigns);
      previewDialingRoutes(scope, deps, deps.campaigns);
    }
    if (deps.trunks !== undefined) trunkRoutes(scope, deps, deps.trunks);
    if (deps.bans !== undefined) sipBanRoutes(scope, deps.bans);
    scope.get('/openapi.json', { config: { open: true }, schema: { hide: true } }, () => app.swagger());
    done();
  });
  // In a scope of its own: its bodies are files, not JSON to be parsed.
  app.register((scope, _options, done) => {
    flowRoutes(scope, deps);
    done();
  });
  app.register((scope, _options, done) => {
    suppressionImportRoute(scope, deps);
    done();
  });
  await app.ready();
  return app;
}

/** Whoever sends a body slowly holds a connection; files on their way say so by going on. */
function limitBodies(app: FastifyInstance, { clock }: ApiDeps): void {
  const waiting = new WeakMap<FastifyRequest, Timer>();
  const arrived = async (request: FastifyRequest): Promise<void> => void waiting.get(request)?.cancel();
  app.addHook('onRequest', async (request) => {
    const { 'content-length': length, 'transfer-encoding': chunked } = request.headers;
    if ((length === undefined && chunked === undefined) || request.routeOptions.config.streams === true) return;
    const late = (): void => answerBrokenHttp({ name: 'Error', message: '', code: 'ERR_HTTP_REQUEST_TIMEOUT' }, request.raw.socket);
    waiting.set(request, clock.after(BODY_TIMEOUT_MS, late, { keepAlive: false }));
  });
  app.addHook('preValidation', arrived);
  app.addHook('onResponse', arrived);
  app.addHook('onRequestAbort', arrived);
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
