import { libraryOf } from '../nlu/universal/library.js';
import { checkDigressions } from './check-context.js';
import { checkBuiltIn, checkUnderstanding } from './check-intents.js';
import { checkAsk, checkBranch, checkEnd } from './check-nodes.js';
import { checkTexts } from './check-texts.js';
import { checkVersion2 } from './check-v2.js';
import { checkKnownValues } from './check-values.js';
import { ENDING, LISTENING, edgesOf, kinded, nodeOf, reachable, silentLoop, universalEdges } from './graph.js';
import { checkNearPhrases } from './near-phrases.js';
import { parseFlow } from './parse.js';
import type { FlowPath, FlowProblem, Report } from './parse.js';
import { MAX_VALUE, valueNames } from './values.js';
import { BACK, RETURN } from './schema.js';
import type { FlowFile } from './schema.js';

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
  if (!/^(?:en|zh)(-|$)/.test(flow.language)) report(['language'], `language ${flow.language} is not supported; use en, zh, en-... or zh-...`);
  checkTargets(flow, report);
  checkVariables(flow, report);
  checkTexts(flow, report);
  checkUniversal(flow, report);
  for (const [name, node] of Object.entries(flow.nodes)) {
    const one = kinded(node);
    if (one.kind === 'ask') checkAsk(flow, name, one.node, report);
    if (one.kind === 'end') checkEnd(flow, name, one.node, report);
    if (one.kind === 'branch') checkBranch(name, one.node, report);
  }
  checkUnderstanding(flow, report);
  checkVersion2(flow, report);
  checkNearPhrases(flow, report);
  checkShape(flow, report);
  checkDigressions(flow, report);
  checkKnownValues(flow, report);
}

function checkTargets(flow: FlowFile, report: Report): void {
  if (nodeOf(flow, flow.start) === undefined) report(['start'], `there is no node "${flow.start}"`);
  if (flow.fallback !== undefined && nodeOf(flow, flow.fallback) === undefined) report(['fallback'], `there is no node "${flow.fallback}"`);
  if (Object.hasOwn(flow.nodes, BACK)) report(['nodes', BACK], `"${BACK}" is the way back to the last question and cannot name a node`);
  for (const name of Object.keys(flow.nodes)) {
    for (const { path, target } of edgesOf(flow, name)) {
      if (path[0] === 'nodes' && target !== BACK && target !== RETURN && nodeOf(flow, target) === undefined) report(path, `there is no node "${target}"`);
      if (path[path.length - 1] === 'fallback' && path[0] === 'nodes' && target === BACK) report(path, 'a fallback cannot go back to the question that failed');
    }
  }
  for (const { path, target } of universalEdges(flow)) {
    if (target !== BACK && target !== RETURN && nodeOf(flow, target) === undefined) report(path, `there is no node "${target}"`);
  }
}

function checkVariables(flow: FlowFile, report: Report): void {
  const names = new Set(valueNames(flow));
  for (const [name, variable] of Object.entries(flow.variables ?? {})) {
    if (variable.required === true && variable.default !== undefined) report(['variables', name], 'a required variable needs no default', 'warning');
    if (variable.example === '') report(['variables', name, 'example'], 'is empty, so that the flow cannot be tried with it');
    if (typeof variable.example === 'string' && variable.example.length > MAX_VALUE) report(['variables', name, 'example'], `is longer than a value may be, ${MAX_VALUE} characters`);
  }
  for (const [name, node] of Object.entries(flow.nodes)) {
    const one = kinded(node);
    if (one.kind !== 'branch') continue;
    one.node.branch.forEach((arm, index) => {
      if (typeof arm.when === 'string') return;
      const conditions = 'all' in arm.when ? arm.when.all : 'any' in arm.when ? arm.when.any : [arm.when];
      for (const condition of conditions) if (!names.has(condition.variable)) report(['nodes', name, 'branch', index, 'when'], `variable "${condition.variable}" is not declared`);
    });
  }
}

function checkUniversal(flow: FlowFile, report: Report): void {
  for (const [label, action] of Object.entries(flow.universal ?? {})) {
    const at: FlowPath = ['universal', label];
    const examples = action === true ? [] : (action.examples ?? []);
    const { universal } = libraryOf(flow.language);
    if (!universal.has(label) && flow.intents?.[label] === undefined && examples.length === 0) report(at, `"${label}" is no universal intent (${[...universal.keys()].join(', ')}), so it needs examples`);
    if (label === 'yes' || label === 'no') report(at, 'yes and no belong to questions of kind yes_no or to the intents of a node');
    if (action === true) checkBuiltIn(flow, at, label, report);
  }
}

function checkShape(flow: FlowFile, report: Report): void {
  if (nodeOf(flow, flow.start) === undefined) return;
  const seen = reachable(flow);
  for (const name of Object.keys(flow.nodes)) if (!seen.has(name)) report(['nodes', name], 'no way leads to this node', 'warning');
  // With a missing target the way to the end may be the missing one.
  const whole = [...seen].every((name) => edgesOf(flow, name).every(({ target }) => target === BACK || target === RETURN || nodeOf(flow, target) !== undefined));
  if (whole && ![...seen].some((name) => kindIn(flow, name, ENDING))) report(['nodes'], 'no way leads to an end');
  const loop = silentLoop(flow);
  if (loop !== undefined) report(['nodes', loop[0] ?? ''], `goes round without listening: ${loop.join(' > ')}`);
  for (const name of beforeFirstAsk(flow)) {
    for (const { path, target } of edgesOf(flow, name)) if (target === BACK) report(path, '"back" has no question to go back to');
  }
}

/** Nodes that are passed before any question was asked. */
function beforeFirstAsk(flow: FlowFile): Set<string> {
  const seen = new Set<string>(kindIn(flow, flow.start, LISTENING) ? [] : [flow.start]);
  for (const name of seen) {
    for (const { target } of edgesOf(flow, name)) if (nodeOf(flow, target) !== undefined && !kindIn(flow, target, LISTENING)) seen.add(target);
  }
  return seen;
}

function kindIn(flow: FlowFile, name: string, kinds: typeof ENDING): boolean {
  const node = nodeOf(flow, name);
  return node !== undefined && kinds.has(kinded(node).kind);
}
