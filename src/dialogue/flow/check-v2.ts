import { ExpressionReader, isProblem, nearest } from '../expression.js';
import { slotTypes } from '../slots/slot-types.js';
import { checkVerdictRules } from '../verdict/rules.js';
import { languageOf } from './built-in.js';
import { settingsOf } from './compile-v2.js';
import { LISTENING, edgesOf, kinded, nodeOf } from './graph.js';
import type { FlowPath, Report } from './parse.js';
import { phrasesOf } from './phrases.js';
import { variablesOf } from './prompt.js';
import { BACK, RETURN } from './schema.js';
import type { FlowFile } from './schema.js';
import { headOfVersion2, nodesOfVersion2 } from './schema-v2.js';
import { expressionKinds, valueNames } from './values.js';

/** What only version 2 has: slots, facts, conditions, rules, sub-flows, disclosure. */
export function checkVersion2(flow: FlowFile, report: Report): void {
  if (flow.trunkline === 1) return checkVersion1(flow, report);
  checkSlots(flow, report);
  checkConditions(flow, report);
  checkVerdicts(flow, report);
  checkNodes(flow, report);
  checkSubFlows(flow, report);
  checkDisclosure(flow, report);
}

/** Version 1 has none of it: whoever uses it must say that the file is of version 2. */
function checkVersion1(flow: FlowFile, report: Report): void {
  const needs = (path: FlowPath, what: string): void => report(path, `${what} needs \`trunkline: 2\``);
  for (const key of Object.keys(headOfVersion2)) if (Object.hasOwn(flow, key)) needs([key], `"${key}"`);
  for (const { text, path } of phrasesOf(flow)) if (variablesOf(text).length > 0) needs(path, 'a {variable} in a phrase');
  for (const [name, node] of Object.entries(flow.nodes)) {
    const one = kinded(node);
    if (Object.hasOwn(nodesOfVersion2, one.kind)) needs(['nodes', name, one.kind], `a node of kind ${one.kind}`);
    if ('intents' in node) for (const [label, action] of Object.entries(node.intents ?? {})) if (action === true) needs(['nodes', name, 'intents', label], '`true`');
    if (one.kind === 'ask' && one.node.anew !== undefined) needs(['nodes', name, 'anew'], '"anew"');
    if (one.kind === 'branch') one.node.branch.forEach((arm, index) => typeof arm.when === 'string' && needs(['nodes', name, 'branch', index, 'when'], 'an expression'));
  }
}

function checkSlots(flow: FlowFile, report: Report): void {
  for (const [name, slot] of Object.entries(flow.slots ?? {})) {
    const type = slotTypes.get(slot.kind);
    for (const [setting, reason] of type?.check(settingsOf(slot), languageOf(flow.language)) ?? []) report(['slots', name, setting.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)], reason);
    if (slot.confirm_prompt !== undefined && !slot.confirm_prompt.includes('{value}')) report(['slots', name, 'confirm_prompt'], 'does not say {value}, so there is nothing to confirm');
  }
}

function checkConditions(flow: FlowFile, report: Report): void {
  const reader = new ExpressionReader(expressionKinds(flow));
  const check = (path: FlowPath, text: string): void => {
    const read = reader.read(text);
    if (isProblem(read)) report(path, `${read.reason} (character ${read.from + 1})`);
  };
  (flow.mood ?? []).forEach((rule, index) => {
    check(['mood', index, 'when'], rule.when);
    if (rule.say === undefined && rule.goto === undefined && rule.slower !== true) report(['mood', index], 'does nothing; it needs say, goto or slower');
    if (rule.goto !== undefined && rule.goto !== BACK && nodeOf(flow, rule.goto) === undefined) report(['mood', index, 'goto'], `there is no node "${rule.goto}"`);
  });
  for (const [name, node] of Object.entries(flow.nodes)) {
    const one = kinded(node);
    if (one.kind !== 'branch') continue;
    one.node.branch.forEach((arm, index) => typeof arm.when === 'string' && check(['nodes', name, 'branch', index, 'when'], arm.when));
  }
}

function checkVerdicts(flow: FlowFile, report: Report): void {
  for (const { index, field, reason } of checkVerdictRules((flow.verdicts ?? []), valueNames(flow))) report(['verdicts', index, field], reason);
  (flow.verdicts ?? []).forEach(({ at }, index) => {
    if (at !== undefined && !mayBeMoment(flow, at)) report(['verdicts', index, 'at'], `"${at}" is no moment; a redial needs a slot of kind datetime`);
  });
  const hours = flow.calling_hours;
  if (hours !== undefined && hours.from >= hours.to) report(['calling_hours'], 'never opens: `from` is not before `to`');
  const last = flow.verdicts?.at(-1);
  if (last?.when !== undefined) report(['verdicts', (flow.verdicts?.length ?? 1) - 1, 'when'], 'the last rule must hold always, so it has no `when`');
}

/** Of a slot and of a question it is known; a variable may hold one. */
function mayBeMoment(flow: FlowFile, name: string): boolean {
  const slot = flow.slots?.[name];
  if (slot !== undefined) return slot.kind === 'datetime';
  return Object.values(flow.nodes).every((node) => {
    const one = kinded(node);
    return one.kind !== 'ask' || one.node.slot !== name || one.node.kind === 'time';
  });
}

function checkNodes(flow: FlowFile, report: Report): void {
  const slots = Object.keys(flow.slots ?? {});
  const facts = Object.keys(flow.facts ?? {});
  const known = (path: FlowPath, name: string, names: readonly string[], what: string): void => {
    if (names.includes(name)) return;
    const near = nearest(name, names);
    report(path, `there is no ${what} "${name}"${near === undefined ? '' : `; "${near}" is meant?`}`);
  };
  for (const [name, node] of Object.entries(flow.nodes)) {
    const at: FlowPath = ['nodes', name];
    const one = kinded(node);
    if (one.kind === 'collect') one.node.collect.forEach((slot, index) => known([...at, 'collect', index], slot, slots, 'slot'));
    if (one.kind === 'collect' && one.node.cancel === undefined) report(at, 'who says "never mind" here goes to the fallback, as who is not understood: `cancel` says where else', 'warning');
    if (one.kind === 'schedule') {
      known([...at, 'schedule'], one.node.schedule, slots, 'slot');
      if (flow.slots?.[one.node.schedule] !== undefined && flow.slots[one.node.schedule]?.kind !== 'datetime') report([...at, 'schedule'], 'is not a slot of kind datetime');
    }
    if (one.kind === 'generate') (one.node.facts ?? []).forEach((fact, index) => known([...at, 'facts', index], fact, facts, 'fact'));
    if (one.kind === 'generate' && (one.node.facts ?? facts).length === 0) report(at, 'has no facts, so that nothing it words may be said', 'warning');
    if (one.kind === 'answer' && facts.length === 0) report(at, 'there are no facts to answer from');
    if (one.kind === 'run') known([...at, 'run'], one.node.run, Object.keys(flow.sub_flows ?? {}), 'sub-flow');
    if (one.kind === 'verdict' && flow.verdicts === undefined) report(at, 'there are no `verdicts` to judge by');
    if (LISTENING.has(one.kind) && one.kind !== 'ask' && one.kind !== 'action' && one.kind !== 'generate' && !('fallback' in node && node.fallback !== undefined) && flow.fallback === undefined) report(at, 'the question has no fallback, and the flow has none either');
  }
}

function checkSubFlows(flow: FlowFile, report: Report): void {
  const inside = new Set<string>();
  for (const [name, { start }] of Object.entries(flow.sub_flows ?? {})) {
    if (nodeOf(flow, start) === undefined) {
      report(['sub_flows', name, 'start'], `there is no node "${start}"`);
      continue;
    }
    const nodes = new Set([start]);
    for (const one of nodes) for (const { target, path } of edgesOf(flow, one)) if (path[0] === 'nodes' && nodeOf(flow, target) !== undefined) nodes.add(target);
    if (![...nodes].some((one) => edgesOf(flow, one).some(({ target }) => target === RETURN))) report(['sub_flows', name], 'no way in it leads to `return`', 'warning');
    nodes.forEach((one) => inside.add(one));
  }
  for (const name of Object.keys(flow.nodes)) {
    if (inside.has(name)) continue;
    for (const { target, path } of edgesOf(flow, name)) if (target === RETURN) report(path, '`return` is only known in a sub-flow');
  }
}

/** Texts that are said before the caller is listened to; a re-prompt comes too late. */
const DISCLOSING = ['say', 'ask', 'intro', 'choose', 'answer'] as const;

/** Who is called must hear who calls, and that it is a machine, before they are asked anything. */
function checkDisclosure(flow: FlowFile, report: Report): void {
  if (flow.direction !== 'outbound' && flow.direction !== 'both') return;
  if (flow.disclosure === undefined) return report(['direction'], 'an outbound flow needs `disclosure`: who calls, and that it is an AI');
  const silent = new Set([flow.start]);
  for (const name of silent) {
    const node = nodeOf(flow, name);
    if (node === undefined || DISCLOSING.some((key) => (node as Partial<Record<string, string>>)[key]?.includes?.('{disclosure}') === true)) continue;
    if (LISTENING.has(kinded(node).kind) || edgesOf(flow, name).length === 0) return report(['nodes', name], 'is reached before any text with {disclosure} was said');
    for (const { target } of edgesOf(flow, name)) if (nodeOf(flow, target) !== undefined) silent.add(target);
  }
}
