import { Ajv } from 'ajv';
import { TrunklineError } from '../kernel/errors.js';
import type { Config } from './schema.js';
import { TrunkSchema, checkTrunk } from './trunk-schema.js';
import type { TrunkSettings } from './trunk-schema.js';

const validate = new Ajv({ allErrors: false, useDefaults: true, strict: true }).compile<TrunkSettings>(TrunkSchema);

/** A trunk with every default, from what was declared. TRK_INVALID_REQUEST with `field`. */
export function parseTrunk(declared: unknown): TrunkSettings {
  const value: unknown = structuredClone(declared);
  if (!validate(value)) {
    const [error] = validate.errors ?? [];
    const field = (error?.instancePath ?? '').slice(1).replaceAll('/', '.');
    throw new TrunklineError('TRK_INVALID_REQUEST', { params: { reason: error?.message ?? 'not a trunk' }, field });
  }
  checkTrunk(value);
  return value;
}

/** The trunks of the file; `sip.gateway` is short for one that takes every number. TRK_INVALID_REQUEST if its address is none. */
export function configuredTrunks(config: Pick<Config, 'sip' | 'trunks'>): TrunkSettings[] {
  const { gateway } = config.sip;
  if (gateway === undefined) return [...config.trunks];
  const [hostPort = '', ...parameters] = gateway.address.split(';');
  const found = /^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/.exec(hostPort);
  const transport = parameters.map((parameter) => /^transport=(udp|tcp|tls)$/i.exec(parameter)?.[1]?.toLowerCase()).find((value) => value !== undefined);
  const address = { host: found?.[1] ?? hostPort, ...(found?.[2] === undefined ? {} : { port: Number(found[2]) }), ...(transport === undefined ? {} : { transport }) };
  const { username, password } = gateway;
  // A gateway was never asked by OPTIONS: some answer nothing but calls.
  const declared = { name: 'gateway', addresses: [address], keepalive_s: 0, ...(username === undefined ? {} : { username, ...(password === undefined ? {} : { password }) }) };
  return [parseTrunk(declared), ...config.trunks];
}
