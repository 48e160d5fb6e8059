import type { Static, TSchema } from '@sinclair/typebox';
import { Ajv } from 'ajv';
import type { ErrorObject, ValidateFunction } from 'ajv';
import { LineCounter, isNode, parseDocument } from 'yaml';
import type { Document } from 'yaml';
import { FlowShell, nodeSchemas } from './schema.js';
import type { FlowFile, NodeKind } from './schema.js';

export interface FlowProblem {
  /** 1-based line in the source. */
  readonly line: number;
  /** Node that it is in, or undefined for the head of the file. */
  readonly node: string | undefined;
  /** Path in the file, e.g. `nodes.greeting.next`. */
  readonly field: string;
  readonly reason: string;
  /** A flow with an `error` cannot be used. */
  readonly severity: 'error' | 'warning';
}

export type FlowPath = readonly (string | number)[];
export type Report = (path: FlowPath, reason: string, severity?: FlowProblem['severity']) => void;

/** A flow file of this size is a mistake, bytes. */
const MAX_SOURCE = 1_048_576;
/** More are no help to anyone. */
const MAX_PROBLEMS = 200;
/** One wrong bracket can make a thousand errors. */
const MAX_YAML_PROBLEMS = 20;

const ajv = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true });
const validators = new Map<TSchema, ValidateFunction>();

function validatorOf<T extends TSchema>(schema: T): ValidateFunction<Static<T>> {
  let validator = validators.get(schema);
  if (validator === undefined) validators.set(schema, (validator = ajv.compile(schema)));
  return validator as ValidateFunction<Static<T>>;
}

export interface ParsedFlow {
  /** Undefined if the form of the file is wrong; `problems` says where. */
  readonly flow: FlowFile | undefined;
  readonly problems: FlowProblem[];
  readonly report: Report;
}

/** Reads YAML or JSON and checks its form. Never throws for bad input. */
export function parseFlow(source: string): ParsedFlow {
  const problems: FlowProblem[] = [];
  if (Buffer.byteLength(source) > MAX_SOURCE) {
    problems.push({ line: 1, node: undefined, field: '', reason: `the file is larger than ${MAX_SOURCE} bytes`, severity: 'error' });
    return { flow: undefined, problems, report: () => undefined };
  }
  const lines = new LineCounter();
  let document: Document;
  try {
    document = parseDocument(source, { lineCounter: lines, prettyErrors: false });
  } catch {
    // Thousands of nested brackets exhaust the stack of the parser.
    problems.push({ line: 1, node: undefined, field: '', reason: 'the file is nested too deeply', severity: 'error' });
    return { flow: undefined, problems, report: () => undefined };
  }
  const report: Report = (path, reason, severity = 'error') => {
    if (problems.length >= MAX_PROBLEMS) return;
    const node = path[0] === 'nodes' && path.length > 1 ? String(path[1]) : undefined;
    problems.push({ line: lineOf(document, lines, path), node, field: path.join('.'), reason, severity });
  };
  for (const error of document.errors.slice(0, MAX_YAML_PROBLEMS)) {
    problems.push({ line: lines.linePos(error.pos[0]).line, node: undefined, field: '', reason: error.message.split('\n')[0] ?? 'not YAML', severity: 'error' });
  }
  if (problems.length > 0) return { flow: undefined, problems, report };
  const flow = toFlow(document, report);
  return { flow, problems, report };
}

function toFlow(document: Document, report: Report): FlowFile | undefined {
  let data: unknown;
  try {
    data = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    // An alias bomb.
    report([], error instanceof Error ? error.message : String(error));
    return undefined;
  }
  let valid = check(FlowShell, data, [], report);
  const nodes = typeof data === 'object' && data !== null ? (data as { nodes?: unknown }).nodes : undefined;
  if (typeof nodes === 'object' && nodes !== null && !Array.isArray(nodes)) {
    for (const [name, node] of Object.entries(nodes as Record<string, unknown>)) {
      if (typeof node !== 'object' || node === null || Array.isArray(node)) continue;
      const kind = kindOf(node);
      if (kind === undefined) {
        report(['nodes', name], `a node has one of ${Object.keys(nodeSchemas).join(', ')}`);
        valid = false;
      } else if (!check(nodeSchemas[kind], node, ['nodes', name], report)) valid = false;
    }
  }
  return valid ? (data as FlowFile) : undefined;
}

/** Kinds whose nodes may also `say` or `set` come before those that do nothing else. */
export function kindOf(node: object): NodeKind | undefined {
  for (const kind of ['end', 'transfer', 'collect', 'choose', 'answer', 'generate', 'action', 'run', 'verdict', 'handoff', 'schedule', 'switch_flow', 'ask', 'branch', 'set', 'say'] as const) if (kind in node) return kind;
  return undefined;
}

function check(schema: TSchema, value: unknown, at: FlowPath, report: Report): boolean {
  const validate = validatorOf(schema);
  if (validate(value)) return true;
  const told = new Set<string>();
  for (const error of informative(validate.errors ?? [])) {
    const path = [...at, ...pointer(error.instancePath)];
    const where = error.keyword === 'additionalProperties' ? [...path, String(error.params['additionalProperty'])] : path;
    const text = reasonOf(error);
    if (told.has(where.join('.') + text)) continue;
    told.add(where.join('.') + text);
    report(where, text);
  }
  return false;
}

/** A union that fails reports each arm; the sum of it says little, so only the deepest complaints stay. */
function informative(errors: readonly ErrorObject[]): ErrorObject[] {
  const unions = errors.filter((error) => error.keyword === 'anyOf').map((error) => error.instancePath);
  return errors.filter((error) => {
    if (error.keyword === 'anyOf') return !errors.some((other) => other.instancePath.startsWith(`${error.instancePath}/`));
    return !unions.includes(error.instancePath);
  });
}

function reasonOf(error: ErrorObject): string {
  switch (error.keyword) {
    case 'additionalProperties':
      return 'is not a known key here';
    case 'required':
      return `"${String(error.params['missingProperty'])}" is missing`;
    case 'const':
      return `must be ${JSON.stringify(error.params['allowedValue'])}`;
    case 'minLength':
      return 'is empty';
    case 'anyOf':
      return 'has none of the allowed values';
    case 'pattern':
      return 'must be lower-case letters, digits and _, and begin with a letter';
    default:
      return error.message ?? error.keyword;
  }
}

function pointer(path: string): (string | number)[] {
  return path.split('/').slice(1).map((step) => {
    const text = step.replace(/~1/g, '/').replace(/~0/g, '~');
    return /^\d+$/.test(text) ? Number(text) : text;
  });
}

/** Line of the deepest part of the path that exists. */
function lineOf(document: Document, lines: LineCounter, path: FlowPath): number {
  for (let length = path.length; length > 0; length--) {
    const offset = keyOffset(document, path.slice(0, length));
    if (offset !== undefined) return lines.linePos(offset).line;
  }
  return 1;
}

function keyOffset(document: Document, path: FlowPath): number | undefined {
  const last = path[path.length - 1];
  const parent: unknown = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  if (!isNode(parent) || !('items' in parent)) return undefined;
  for (const [index, item] of (parent.items as unknown[]).entries()) {
    if (isNode(item)) {
      if (index === last) return item.range?.[0];
      continue;
    }
    const key = (item as { key?: unknown }).key;
    if (isNode(key) && 'value' in key && String(key.value) === String(last)) return key.range?.[0];
  }
  return undefined;
}
