import { normalise } from '../nlu/normalise.js';
import { universalEn } from '../nlu/universal/en.js';
import { builtIn, defaultNumbers } from './built-in.js';
import { checkAsk, checkBranch, checkEnd } from './check-nodes.js';
import { edgesOf, handoffNode, kinded, nodeOf, reachable, silentLoop, universalEdges } from './graph.js';
import { parseFlow } from './parse.js';
import type { FlowPath, FlowProblem, Report } from './parse.js';
import { variablesOf } from './prompt.js';
import { BACK } from './schema.js';
import type { FlowAction, FlowFile } from './schema.js';

export type { FlowProblem } from './parse.js';

/** Every problem of a flow file at once, in the order of its lines. Never throws. */
export function checkFlow(source: string): FlowProblem[] {
  return inspectFlow(source).problems;
}

/** As `checkFlow`, with the flow if its form is right. */
export function inspectFlow(source: string): { flow: FlowFile | undefined; problems: FlowProblem[] } {
  const { flow, problems, report } = parseFlow(source);
  if (flow !== undefined) inspect(flow, report);
  problems.sort((left, right) => left.line - right.line);
  return { flow, problems };
}

function inspect(flow: FlowFile, report: Report): void {
  if (!/^en(-|$)/.test(flow.language)) report(['language'], `language ${flow.language} is not supported; use en or en-...`);
  checkTargets(flow, report);
  checkVariables(flow, report);
  checkUniversal(flow, report);
  for (const [name, node] of Object.entries(flow.nodes)) {
    const one = kinded(node);
    if (one.kind === 'ask') checkAsk(flow, name, one.node, report);
    if (one.kind === 'end') checkEnd(flow, name, one.node, report);
    if (one.kind === 'branch') checkBranch(name, one.node, report);
  }
  const { accept = defaultNumbers.accept, ask_again = defaultNumbers.askAgain } = flow.defaults ?? {};
  if (ask_again > accept) report(['defaults', 'ask_again'], `thresholds are out of order: ask_again ${ask_again} is above accept ${accept}`);
  checkShape(flow, report);
}

function checkTargets(flow: FlowFile, report: Report): void {
  if (nodeOf(flow, flow.start) === undefined) report(['start'], `there is no node "${flow.start}"`);
  if (flow.fallback !== undefined && nodeOf(flow, flow.fallback) === undefined) report(['fallback'], `there is no node "${flow.fallback}"`);
  if (Object.hasOwn(flow.nodes, BACK)) report(['nodes', BACK], `"${BACK}" is the way back to the last question and cannot name a node`);
  for (const name of Object.keys(flow.nodes)) {
    for (const { path, target } of edgesOf(flow, name)) {
      if (path[0] === 'nodes' && target !== BACK && nodeOf(flow, target) === undefined) report(path, `there is no node "${target}"`);
      if (path[path.length - 1] === 'fallback' && path[0] === 'nodes' && target === BACK) report(path, 'a fallback cannot go back to the question that failed');
    }
  }
  for (const { path, target } of universalEdges(flow)) {
    if (target !== BACK && nodeOf(flow, target) === undefined) report(path, `there is no node "${target}"`);
  }
}

/** Everything that can have a value: declared, filled by a question, or set. */
function declared(flow: FlowFile): Set<string> {
  const names = new Set(Object.keys(flow.variables ?? {}));
  const add = (values: object | undefined): void => Object.keys(values ?? {}).forEach((name) => names.add(name));
  for (const [label, action] of Object.entries(flow.universal ?? {})) {
    if (action !== true) add(action.set);
    const slot = builtIn.get(label)?.slot;
    if (slot !== undefined) names.add(slot);
  }
  for (const node of Object.values(flow.nodes)) {
    const one = kinded(node);
    if (one.kind === 'set') add(one.node.set);
    if (one.kind !== 'ask') continue;
    if (one.node.slot !== undefined) names.add(one.node.slot);
    if (one.node.slot !== undefined && one.node.kind === 'time') names.add(`${one.node.slot}_words`);
    for (const action of Object.values(one.node.intents ?? {})) add(action.set);
  }
  return names;
}

function checkVariables(flow: FlowFile, report: Report): void {
  const names = declared(flow);
  const text = (path: FlowPath, value: unknown, spoken = true): void => {
    if (typeof value !== 'string') return;
    for (const name of variablesOf(value)) if (!names.has(name)) report(path, `variable {${name}} is not declared`);
    if (/[{}]/.test(value.replace(/\{[a-z][a-z0-9_]*\}/g, ''))) report(path, 'a variable is written {like_this}, with lower-case letters, digits and _');
    if (spoken && !/[\p{L}\p{N}{]/u.test(value)) report(path, 'there is nothing to say in this text');
  };
  const values = (path: FlowPath, set: object | undefined): void => {
    for (const [name, value] of Object.entries(set ?? {})) {
      text([...path, name], value, false);
      if (!/^[a-z][a-z0-9_]{0,63}$/.test(name)) report([...path, name], 'a variable has lower-case letters, digits and _');
    }
  };
  const action = (path: FlowPath, one: FlowAction): void => {
    text([...path, 'say'], one.say);
    values([...path, 'set'], one.set);
  };
  for (const [name, variable] of Object.entries(flow.variables ?? {})) {
    if (variable.required === true && variable.default !== undefined) report(['variables', name], 'a required variable needs no default', 'warning');
  }
  text(['apology'], flow.apology);
  for (const key of ['reprompt', 'silence_reprompt'] as const) text(['defaults', key], flow.defaults?.[key]);
  for (const [label, one] of Object.entries(flow.universal ?? {})) if (one !== true) action(['universal', label], one);
  for (const [name, node] of Object.entries(flow.nodes)) {
    const at: FlowPath = ['nodes', name];
    for (const key of ['say', 'ask', 'again', 'reprompt', 'silence_reprompt']) text([...at, key], (node as Record<string, unknown>)[key]);
    const one = kinded(node);
    if (one.kind === 'set') values([...at, 'set'], one.node.set);
    if (one.kind === 'end') text([...at, 'reason'], one.node.reason, false);
    if (one.kind === 'ask') for (const [label, each] of Object.entries(one.node.intents ?? {})) action([...at, 'intents', label], each);
    if (one.kind !== 'branch') continue;
    one.node.branch.forEach((arm, index) => {
      const conditions = 'all' in arm.when ? arm.when.all : 'any' in arm.when ? arm.when.any : [arm.when];
      for (const condition of conditions) if (!names.has(condition.variable)) report([...at, 'branch', index, 'when'], `variable "${condition.variable}" is not declared`);
    });
  }
}

function checkUniversal(flow: FlowFile, report: Report): void {
  const seen = new Map<string, string>();
  for (const [label, action] of Object.entries(flow.universal ?? {})) {
    const at: FlowPath = ['universal', label];
    const examples = action === true ? [] : (action.examples ?? []);
    if (!universalEn.has(label) && examples.length === 0) report(at, `"${label}" is no universal intent (${[...universalEn.keys()].join(', ')}), so it needs examples`);
    if (label === 'yes' || label === 'no') report(at, 'yes and no belong to questions of kind yes_no or to the intents of a node');
    if (action === true && !builtIn.has(label)) report(at, `"${label}" has no built-in behaviour; say what to say or where to go`);
    if (action === true && label === 'person' && handoffNode(flow) === undefined) report(at, 'no node ends with a handoff, so nobody can take over');
    for (const example of examples) {
      const other = seen.get(normalise(example));
      if (other !== undefined && other !== label) report([...at, 'examples'], `the phrase "${example}" is also an example of "${other}"`);
      seen.set(normalise(example), label);
    }
  }
}

function checkShape(flow: FlowFile, report: Report): void {
  if (nodeOf(flow, flow.start) === undefined) return;
  const seen = reachable(flow);
  for (const name of Object.keys(flow.nodes)) if (!seen.has(name)) report(['nodes', name], 'no way leads to this node', 'warning');
  // With a missing target the way to the end may be the missing one.
  const whole = [...seen].every((name) => edgesOf(flow, name).every(({ target }) => target === BACK || nodeOf(flow, target) !== undefined));
  if (whole && ![...seen].some((name) => kindIs(flow, name, 'end'))) report(['nodes'], 'no way leads to an end');
  const loop = silentLoop(flow);
  if (loop !== undefined) report(['nodes', loop[0] ?? ''], `goes round without listening: ${loop.join(' > ')}`);
  for (const name of beforeFirstAsk(flow)) {
    for (const { path, target } of edgesOf(flow, name)) if (target === BACK) report(path, '"back" has no question to go back to');
  }
}

/** Nodes that are passed before any question was asked. */
function beforeFirstAsk(flow: FlowFile): Set<string> {
  const seen = new Set<string>(kindIs(flow, flow.start, 'ask') ? [] : [flow.start]);
  for (const name of seen) {
    for (const { target } of edgesOf(flow, name)) if (nodeOf(flow, target) !== undefined && !kindIs(flow, target, 'ask')) seen.add(target);
  }
  return seen;
}

function kindIs(flow: FlowFile, name: string, kind: 'ask' | 'end'): boolean {
  const node = nodeOf(flow, name);
  return node !== undefined && kinded(node).kind === kind;
}
