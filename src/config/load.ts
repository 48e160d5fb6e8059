import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import type { ErrorObject } from 'ajv';
import { parse } from 'yaml';
import { TrunklineError } from '../kernel/errors.js';
import { isLoopback } from '../kernel/loopback.js';
import { networkList } from './doors-schema.js';
import { ConfigSchema } from './schema.js';
import type { Config } from './schema.js';
import { checkTrunk, inboundPasswordVariable, passwordVariable } from './trunk-schema.js';
import { configuredTrunks } from './trunks.js';

/** Environment variables that override the file: name to path. Those of trunks' passwords are named in `trunk-schema.ts`. */
export const ENVIRONMENT: Readonly<Record<string, readonly string[]>> = {
  TRUNKLINE_DATA_DIR: ['data_dir'],
  TRUNKLINE_LOG_LEVEL: ['log', 'level'],
  TRUNKLINE_MODELS_DIR: ['speech', 'models_dir'],
  TRUNKLINE_GATEWAY_PASSWORD: ['sip', 'gateway', 'password'],
  TRUNKLINE_DRACHTIO_SECRET: ['drachtio', 'secret'],
  TRUNKLINE_FREESWITCH_PASSWORD: ['freeswitch', 'password'],
  TRUNKLINE_POSTGRES_PASSWORD: ['store', 'password'],
  TRUNKLINE_MAIL_PASSWORD: ['mail', 'password'],
};

/** A password makes no server out of nothing: several configurations may share one environment, and the section must be there. */
const SERVERS = ['sip.gateway', 'drachtio', 'freeswitch', 'mail'] as const;

const at = (value: unknown, path: readonly string[]): unknown => path.reduce<unknown>((inner, key) => (typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>)[key] : undefined), value);

const validate = new Ajv({ allErrors: false, useDefaults: true, strict: true }).compile<Config>(ConfigSchema);

/** Reads YAML text and the environment; every key is checked. TRK_CONFIG_INVALID with the path in `field`. */
export function parseConfig(text: string, environment: Readonly<Record<string, string | undefined>> = {}): Config {
  let value: unknown;
  try {
    // A pretty error shows the lines around it, and what is secret in them.
    value = parse(text, { prettyErrors: false }) ?? {};
  } catch (error) {
    throw new TrunklineError('TRK_CONFIG_INVALID', { params: { reason: (error as Error).message }, cause: error });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TrunklineError('TRK_CONFIG_INVALID', { params: { reason: 'the top level must be a mapping' } });
  }
  const declared = value as Record<string, unknown>;
  overlay(declared, environment);
  // One server need not be written as a list of one.
  const single = typeof declared['drachtio'] === 'object' && declared['drachtio'] !== null && !Array.isArray(declared['drachtio']);
  if (single) declared['drachtio'] = [declared['drachtio']];
  if (!validate(value)) throw invalid(validate.errors?.[0], single);
  checkAcrossKeys(value);
  return freeze(value);
}

/** `path` undefined gives the defaults. TRK_CONFIG_UNREADABLE, TRK_CONFIG_INVALID. */
export function loadConfig(path: string | undefined, environment: Readonly<Record<string, string | undefined>> = {}): Config {
  if (path === undefined) return parseConfig('', environment);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new TrunklineError('TRK_CONFIG_UNREADABLE', { params: { reason: (error as Error).message }, field: path, cause: error });
  }
  return parseConfig(text, environment);
}

function overlay(target: Record<string, unknown>, environment: Readonly<Record<string, string | undefined>>): void {
  for (const [name, path] of Object.entries(ENVIRONMENT)) {
    const value = environment[name];
    if (value === undefined) continue;
    const list = target[path[0] ?? ''];
    if (Array.isArray(list)) {
      overlayList(list, path.slice(1), value);
      continue;
    }
    if (SERVERS.some((section) => path.join('.').startsWith(`${section}.`) && at(target, section.split('.')) === undefined)) continue;
    let node = target;
    for (const key of path.slice(0, -1)) {
      const next = node[key];
      node = (typeof next === 'object' && next !== null ? next : (node[key] = {})) as Record<string, unknown>;
    }
    node[path.at(-1)!] = value;
  }
  overlayPasswords(target['trunks'], environment);
}

/** Several servers seldom share a secret: the variable is for those that have none of their own. */
function overlayList(list: unknown[], path: readonly string[], value: string): void {
  const [key = ''] = path;
  for (const item of list) if (typeof item === 'object' && item !== null) (item as Record<string, unknown>)[key] ??= value;
}

function overlayPasswords(trunks: unknown, environment: Readonly<Record<string, string | undefined>>): void {
  if (!Array.isArray(trunks)) return;
  for (const trunk of trunks as unknown[]) {
    const { name } = (trunk ?? {}) as { name?: unknown };
    if (typeof name !== 'string') continue;
    const password = environment[passwordVariable(name)];
    if (password !== undefined) (trunk as Record<string, unknown>)['password'] = password;
    const { inbound_auth: inbound } = trunk as { inbound_auth?: unknown };
    const asked = environment[inboundPasswordVariable(name)];
    if (asked !== undefined && typeof inbound === 'object' && inbound !== null) (inbound as Record<string, unknown>)['password'] = asked;
  }
}

function invalid(error: ErrorObject | undefined, singleDrachtio: boolean): TrunklineError {
  const place = (error?.instancePath ?? '').slice(1).replaceAll('/', '.');
  const base = singleDrachtio ? place.replace(/^drachtio\.0(?=\.|$)/, 'drachtio') : place;
  const params = (error?.params ?? {}) as { additionalProperty?: string; missingProperty?: string };
  const key = params.additionalProperty ?? params.missingProperty;
  const field = [base, key].filter(Boolean).join('.');
  const reason = params.additionalProperty === undefined ? (error?.message ?? 'not valid') : 'unknown key';
  return new TrunklineError('TRK_CONFIG_INVALID', { params: { reason: `${field || 'top level'}: ${reason}` }, field });
}

/** Rules that a schema cannot say. */
function checkAcrossKeys(config: Config): void {
  const fail = (field: string, reason: string): never => {
    throw new TrunklineError('TRK_CONFIG_INVALID', { params: { reason: `${field}: ${reason}` }, field });
  };
  if (config.media.port_max <= config.media.port_min) fail('media.port_max', 'must be above media.port_min');
  if (config.media.engine === 'freeswitch' && config.freeswitch.length === 0) fail('freeswitch', 'media.engine is freeswitch and no server is named');
  if (!config.api.auth && !isLoopback(config.api.address)) fail('api.auth', 'may be false only when api.address is loopback');
  const names = new Set(config.sip.gateway === undefined ? [] : ['gateway']);
  config.trunks.forEach((trunk, index) => {
    if (names.has(trunk.name)) fail(`trunks.${index}.name`, 'another trunk has this name; sip.gateway takes the name gateway');
    names.add(trunk.name);
    try {
      checkTrunk(trunk);
    } catch (error) {
      const { field = '', message } = error as TrunklineError;
      fail(`trunks.${index}.${field}`, message);
    }
  });
  try {
    configuredTrunks(config);
  } catch (error) {
    fail('sip.gateway.address', (error as TrunklineError).message);
  }
  const places = (config.drachtio ?? []).map(({ host, port }) => `${host}:${port}`);
  places.forEach((place, index) => {
    if (places.indexOf(place) < index) fail(`drachtio.${index}`, 'another entry has this host and port');
  });
  const wrong = networkList(config.sip.doors.allow);
  if (typeof wrong === 'number') fail(`sip.doors.allow.${wrong}`, 'not an address or network such as 192.0.2.0/24');
  const closed = networkList(config.webhooks.allow);
  if (typeof closed === 'number') fail(`webhooks.allow.${closed}`, 'not an address or network such as 10.1.0.0/16');
  if (config.store.kind === 'postgres') {
    if (config.store.url === undefined) fail('store.url', 'store.kind is postgres and no database is named');
    else if (!URL.canParse(config.store.url)) fail('store.url', 'not a URL such as postgres://user@host:5432/database');
  }
  const spoken = [config.speech.language, ...config.speech.languages.map((one) => one.language)].map((tag) => tag.toLowerCase());
  spoken.forEach((tag, index) => {
    if (spoken.indexOf(tag) < index) fail(`speech.languages.${index - 1}.language`, 'this language is there already');
  });
  const { pause_ms, end_short_ms } = config.turn;
  if (end_short_ms < pause_ms) fail('turn.end_short_ms', 'must not be below turn.pause_ms');
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const child of Object.values(value)) freeze(child);
  }
  return value;
}
