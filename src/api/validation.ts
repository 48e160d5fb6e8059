import { Ajv } from 'ajv';
import type { ErrorObject } from 'ajv';
import addFormats from 'ajv-formats';
import type { FastifySchemaCompiler, FastifySchema } from 'fastify';
import { TrunklineError } from '../kernel/errors.js';

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
      if (validate(value)) return { value };
      return { error: requestError(validate.errors?.[0]) };
    };
  };
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
  return new TrunklineError('TRK_INVALID_REQUEST', { params: { reason }, ...(field === '' ? {} : { field }) });
}
