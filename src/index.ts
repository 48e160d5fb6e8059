/**
 * The library door: run a server inside another Node program.
 *
 * ```ts
 * const server = await startServer({ config: loadConfig('trunkline.yaml') });
 * ```
 */
export { startServer } from './server.js';
export type { Server, ServerOptions } from './server.js';
export { loadConfig, parseConfig } from './config/load.js';
export type { Config } from './config/schema.js';
export { TrunklineError, errorKinds } from './kernel/errors.js';
export type { ErrorCode } from './kernel/errors.js';
export { compileFlow } from './dialogue/flow/compile.js';
export type { CompileOptions } from './dialogue/flow/compile.js';
export { checkFlow } from './dialogue/flow/check.js';
export type { FlowProblem } from './dialogue/flow/check.js';
export type { CompiledFlow } from './dialogue/dialogue.js';
/** For tests of flows: a talk by text, and a clock to build one that stands on. */
export { Chat } from './dialogue/chat.js';
export type { ChatLine } from './dialogue/chat.js';
export { systemClock } from './kernel/clock.js';
export type { Clock } from './kernel/clock.js';
/** For receivers of webhooks. */
export { verifyWebhook } from './followup/webhook-signature.js';
export { VERSION } from './version.js';
