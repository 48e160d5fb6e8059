import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ENVIRONMENT } from '../../src/config/load.js';
import { ConfigSchema } from '../../src/config/schema.js';

/** docs/configuration.md is made from the schema; run this file to write it again. */
export const PAGE = fileURLToPath(new URL('../../docs/configuration.md', import.meta.url));

interface SchemaNode {
  readonly type?: string;
  readonly const?: unknown;
  readonly anyOf?: readonly SchemaNode[];
  readonly items?: SchemaNode;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  /** Of a record: what its values are. */
  readonly patternProperties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[] | undefined;
  readonly default?: unknown;
  readonly description?: string;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly multipleOf?: number;
}

export interface Key {
  readonly path: string;
  readonly node: SchemaNode;
  readonly required: boolean;
}

/** Sections that are not there unless the file names them. */
export function optionalSections(schema: SchemaNode = ConfigSchema, prefix = ''): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, node]) => {
    if (node.properties === undefined) return [];
    return node.default === undefined ? [`${prefix}${name}`] : optionalSections(node, `${prefix}${name}.`);
  });
}

/** Every key that holds a value, in the order of the schema; `[]` marks the items of a list. */
export function configurationKeys(schema: SchemaNode = ConfigSchema, prefix = ''): Key[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, node]) => {
    const path = `${prefix}${name}`;
    const required = (schema.required?.includes(name) ?? false) && node.default === undefined;
    if (node.properties !== undefined) return configurationKeys(node, `${path}.`);
    const items = node.items?.properties === undefined ? [] : configurationKeys(node.items, `${path}[].`);
    const named = Object.values(node.patternProperties ?? {}).flatMap((value) => configurationKeys(value, `${path}.<name>.`));
    return [{ path, node, required }, ...items, ...named];
  });
}

const UNITS: readonly (readonly [suffix: string, unit: string])[] = [
  ['_ms', 'ms'], ['_bytes', 'bytes'], ['_tokens', 'tokens'], ['_threads', 'threads'], ['requests_per_second', 'messages/s'], ['total_per_second', 'messages/s'], ['per_second', 'calls/s'], ['_calls', 'calls'], ['_transactions', 'transactions'], ['workers', 'processes'],
];

function unitOf(path: string): string {
  return UNITS.find(([suffix]) => path.endsWith(suffix))?.[1] ?? '';
}

function valuesOf(node: SchemaNode): string {
  if (node.anyOf !== undefined) return node.anyOf.map((choice) => code(choice.const)).join(', ');
  const low = node.minimum ?? node.exclusiveMinimum;
  const limits = [
    low === undefined ? '' : `${node.minimum === undefined ? 'above' : 'from'} ${low}`,
    node.maximum === undefined ? '' : `to ${node.maximum}`,
    node.multipleOf === undefined ? '' : `in steps of ${node.multipleOf}`,
  ];
  return [node.type === 'array' ? 'list' : (node.type ?? ''), ...limits].filter(Boolean).join(' ');
}

function code(value: unknown): string {
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

function row({ path, node, required }: Key): string {
  const preset = node.default === undefined ? (required ? 'required' : 'none') : code(node.default);
  return `| \`${path}\` | ${preset} | ${unitOf(path)} | ${valuesOf(node)} | ${node.description ?? ''} |`;
}

export function configurationPage(): string {
  return [
    '# Configuration',
    '',
    'Every key of `trunkline.yaml`. Unknown keys are refused with their path; `trunkline config check` reads a file without starting anything. Times are ms.',
    '',
    'This page is made from `src/config/schema.ts` by `node --import tsx test/config/configuration-page.ts`, and a test keeps both equal.',
    '',
    '| key | default | unit | values | meaning |',
    '|---|---|---|---|---|',
    ...configurationKeys().map(row),
    '',
    `Sections that may be left out altogether, with all their keys: ${optionalSections().map(code).join(', ')}.`,
    '',
    '## Environment',
    '',
    'These variables override the file. Those of `drachtio` and `freeswitch` are for servers that have no secret of their own in it, and none makes a section that the file does not have, `store` apart.',
    '',
    '| variable | key |',
    '|---|---|',
    ...Object.entries(ENVIRONMENT).map(([name, path]) => `| \`${name}\` | \`${path.join('.')}\` |`),
    '| `TRUNKLINE_TRUNK_<NAME>_PASSWORD` | `trunks[].password`; the trunk `my-carrier` is `MY_CARRIER` |',
    '| `TRUNKLINE_TRUNK_<NAME>_INBOUND_PASSWORD` | `trunks[].inbound_auth.password` |',
    '',
    'Commands that ask a running server take their API key from `TRUNKLINE_API_KEY`.',
    '',
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(PAGE, configurationPage());
