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
export { checkFlow } from './dialogue/flow/check.js';
export { VERSION } from './version.js';
