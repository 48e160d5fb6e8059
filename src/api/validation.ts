import { Stream } from 'node:stream';
import { Ajv } from 'ajv';
import type { ErrorObject } from 'ajv';
import addFormats from 'ajv-formats';
import type { FastifySchemaCompiler, FastifySchema } from 'fastify';
import { TrunklineError } from '../kernel/errors.js';
import { isStorable, storable } from '../kernel/text.js';

type Plugin = (ajv: Ajv) => unknown;

function createAjv(coerceTypes: boolean): Ajv {
  const ajv = new Ajv({ strict: true, allowUnionTypes: true, useDefaults: true, removeAdditional: false, coerceTypes, allErrors: false });
  (addFormats as unknown as Plugin)(ajv);
  return ajv;
}

/**
 * Bodies are taken as they are: "5" is not 5. What comes as text anyway (query,
 * path, headers) is converted. Unknown properties are refused, never dropped.
 */
export function createValidatorCompiler(): FastifySchemaCompiler<FastifySchema> {
  const exact = createAjv(false);
  const coercing = createAjv(true);
  return ({ schema, httpPart }) => {
    const validate = (httpPart === 'body' ? exact : coercing).compile(schema);
    return (value: unknown) => {
      if (!validate(value)) return { error: requestError(validate.errors?.[0]) };
      const pointer = unstorableIn(value);
      if (pointer === undefined) return { value };
      return { error: invalid('a text cannot hold U+0000, or half a character', fieldPath(pointer)) };
    };
  };
}

/** Where a text stands, or a name, that not every database takes; a body that is no JSON is its reader's to look at. */
function unstorableIn(value: unknown, pointer = ''): string | undefined {
  if (typeof value === 'string') return isStorable(value) ? undefined : pointer;
  if (typeof value !== 'object' || value === null || value instanceof Stream || ArrayBuffer.isView(value)) return undefined;
  for (const [key, inner] of Object.entries(value)) {
    const name = storable(key);
    const found = name === key ? unstorableIn(inner, `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`) : `${pointer}/${name}`;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** `/tasks/0/variables/name` as `tasks[0].variables.name`. */
function fieldPath(pointer: string, last?: string): string {
  const parts = pointer.split('/').slice(1).map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  if (last !== undefined) parts.push(last);
  return parts.reduce((path, part) => (/^\d+$/.test(part) ? `${path}[${part}]` : path === '' ? part : `${path}.${part}`), '');
}

function requestError(error: ErrorObject | undefined): TrunklineError {
  const params = (error?.params ?? {}) as { additionalProperty?: string; missingProperty?: string; propertyName?: string; allowedValues?: readonly unknown[] };
  const field = fieldPath(error?.instancePath ?? '', params.additionalProperty ?? params.missingProperty ?? params.propertyName);
  const reason =
    error?.keyword === 'additionalProperties'
      ? 'this property is not known'
      : error?.keyword === 'required'
        ? 'this property is required'
        : params.allowedValues !== undefined
          ? `must be one of ${params.allowedValues.join(', ')}`
          : (error?.message ?? 'not valid');
  return invalid(reason, field);
}

function invalid(reason: string, field: string): TrunklineError {
  return new TrunklineError('TRK_INVALID_REQUEST', { params: { reason }, ...(field === '' ? {} : { field }) });
}
