import { builtIn } from './built-in.js';
import { edgesOf, kinded, nodeOf } from './graph.js';
import type { Edge } from './graph.js';
import type { FlowPath, Report } from './parse.js';
import { variablesOf } from './prompt.js';
import type { FlowAction, FlowFile, FlowWhen } from './schema.js';
import { BACK, RETURN } from './schema.js';
import { textsOf } from './texts.js';
import { valueNames } from './values.js';

/** Names of values. */
type Known = ReadonlySet<string>;

/**
 * Values that a text needs and that some way to its node does not bring: the text is
 * said with a hole in it. Ways are judged kindly (what a sub-flow may set counts as
 * set, what a condition speaks of too), so that each warning is worth reading.
 */
export function checkKnownValues(flow: FlowFile, report: Report): void {
  if (nodeOf(flow, flow.start) === undefined) return;
  const before = knownBefore(flow);
  const declared = new Set(valueNames(flow));
  const told = new Set<string>();
  for (const { path, text, spoken, own } of textsOf(flow)) {
    if (!spoken || path[0] !== 'nodes') continue;
    const name = String(path[1]);
    const known = before.get(name);
    if (known === undefined) continue;
    const here = new Set([...known, ...saidAfter(flow, name, path)]);
    for (const variable of variablesOf(text)) {
      const key = `${name} ${variable}`;
      if (!declared.has(variable) || here.has(variable) || own.includes(variable) || told.has(key)) continue;
      told.add(key);
      report(path, `{${variable}} has no value on some way to this node, and the sentence is then said without it`, 'warning');
    }
  }
}

/** A fallback and a read-back of a node see what the node itself has got so far: nothing for certain. */
function saidAfter(flow: FlowFile, name: string, path: FlowPath): string[] {
  const node = nodeOf(flow, name);
  if (node === undefined) return [];
  const one = kinded(node);
  // The last words of a schedule node come after its question.
  if (one.kind === 'schedule' && path[2] === 'say') return [one.node.schedule];
  return [];
}

/** By node: the values that are there whichever way led to it. Undefined for nodes that no way leads to. */
function knownBefore(flow: FlowFile): Map<string, Known> {
  const first = Object.entries(flow.variables ?? {}).filter(([, variable]) => variable.default !== undefined || variable.required !== false).map(([name]) => name);
  const before = new Map<string, Known>([[flow.start, new Set(first)]]);
  const work = [flow.start];
  for (let name = work.pop(); name !== undefined; name = work.pop()) {
    const known = before.get(name) ?? new Set();
    for (const edge of edgesOf(flow, name)) {
      if (edge.target === BACK || edge.target === RETURN || nodeOf(flow, edge.target) === undefined) continue;
      const out = new Set([...known, ...setOn(flow, name, edge)]);
      const there = before.get(edge.target);
      const joined = there === undefined ? out : new Set([...there].filter((one) => out.has(one)));
      if (there !== undefined && joined.size === there.size) continue;
      before.set(edge.target, joined);
      work.push(edge.target);
    }
  }
  return before;
}

/** What is set for certain on this way out of the node. */
function setOn(flow: FlowFile, name: string, { path }: Edge, inside: ReadonlySet<string> = new Set()): string[] {
  if (path[0] === 'universal') return [...keys(universalSet(flow, String(path[1]))), ...slotOf(String(path[1]))];
  if (path[0] === 'mood' || path[0] === 'fallback') return [];
  const node = nodeOf(flow, name);
  if (node === undefined) return [];
  const one = kinded(node);
  const way = path[2];
  if (way === 'intents' && 'intents' in node) {
    const label = String(path[3]);
    return [...keys(setBy(node.intents?.[label])), ...slotOf(label), ...(one.kind === 'ask' && one.node.kind === 'intents' && one.node.slot !== undefined ? [one.node.slot] : [])];
  }
  switch (one.kind) {
    case 'set':
      return keys(one.node.set);
    case 'ask':
      return way === 'yes' || way === 'no' || way === 'next' ? (one.node.slot === undefined ? [] : [one.node.slot, `${one.node.slot}_words`]) : [];
    case 'collect':
      return way === 'next' ? [...one.node.collect] : [];
    case 'choose':
      return way === 'options' ? [...(one.node.slot === undefined ? [] : [one.node.slot]), ...keys(one.node.options[String(path[3])]?.set)] : [];
    case 'action':
      return way === 'next' ? keys(one.node.output) : [];
    case 'branch':
      return way === 'branch' ? mentioned(one.node.branch[Number(path[3])]?.when) : [];
    case 'run':
      return [...keys(one.node.set), ...(way === 'next' ? setInside(flow, one.node.run, inside) : [])];
    default:
      return [];
  }
}

function keys(values: object | undefined): string[] {
  return Object.keys(values ?? {});
}

function universalSet(flow: FlowFile, label: string): object | undefined {
  return setBy(flow.universal?.[label]);
}

function setBy(action: FlowAction | true | undefined): object | undefined {
  return action === undefined || action === true ? undefined : action.set;
}

function slotOf(label: string): string[] {
  const slot = builtIn.get(label)?.slot;
  return slot === undefined ? [] : [slot];
}

/** A condition that holds compares something, so that what it speaks of is there. */
function mentioned(when: FlowWhen | string | undefined): string[] {
  if (when === undefined) return [];
  if (typeof when === 'string') return when.replace(/"[^"]*"|'[^']*'/g, '').match(/[a-z][a-z0-9_]*/g) ?? [];
  return ('all' in when ? when.all : 'any' in when ? when.any : [when]).map((condition) => condition.variable);
}

/** All that any node of the sub-flow may set. */
function setInside(flow: FlowFile, name: string, outer: ReadonlySet<string>): string[] {
  // A sub-flow may run itself.
  if (outer.has(name)) return [];
  const inside = new Set([...outer, name]);
  const start = flow.sub_flows?.[name]?.start;
  if (start === undefined) return [];
  const nodes = new Set([start]);
  const values = new Set<string>();
  for (const one of nodes) {
    for (const edge of edgesOf(flow, one)) {
      for (const value of setOn(flow, one, edge, inside)) values.add(value);
      if (edge.path[0] === 'nodes' && nodeOf(flow, edge.target) !== undefined) nodes.add(edge.target);
    }
  }
  return [...values];
}
