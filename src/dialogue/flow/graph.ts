import { kindOf } from './parse.js';
import type { FlowPath } from './parse.js';
import { BACK, RETURN } from './schema.js';
import type { ActionNode, AnswerNode, ChooseNode, CollectNode, GenerateNode, HandoffNode, RunNode, ScheduleNode, SwitchNode, VerdictNode } from './schema-v2.js';
import type { AskNode, BranchNode, EndNode, FlowAction, FlowFile, FlowNode, SayNode, SetNode, TransferNode } from './schema.js';

export type KindedNode =
  | { readonly kind: 'say'; readonly node: SayNode }
  | { readonly kind: 'ask'; readonly node: AskNode }
  | { readonly kind: 'branch'; readonly node: BranchNode }
  | { readonly kind: 'set'; readonly node: SetNode }
  | { readonly kind: 'transfer'; readonly node: TransferNode }
  | { readonly kind: 'collect'; readonly node: CollectNode }
  | { readonly kind: 'choose'; readonly node: ChooseNode }
  | { readonly kind: 'answer'; readonly node: AnswerNode }
  | { readonly kind: 'generate'; readonly node: GenerateNode }
  | { readonly kind: 'action'; readonly node: ActionNode }
  | { readonly kind: 'run'; readonly node: RunNode }
  | { readonly kind: 'verdict'; readonly node: VerdictNode }
  | { readonly kind: 'handoff'; readonly node: HandoffNode }
  | { readonly kind: 'schedule'; readonly node: ScheduleNode }
  | { readonly kind: 'switch_flow'; readonly node: SwitchNode }
  | { readonly kind: 'end'; readonly node: EndNode };

export function kinded(node: FlowNode): KindedNode {
  return { kind: kindOf(node) ?? 'say', node } as KindedNode;
}

/** Kinds that wait: for the caller, or for an answer from outside. */
export const LISTENING: ReadonlySet<KindedNode['kind']> = new Set(['ask', 'collect', 'choose', 'answer', 'schedule', 'action', 'generate']);
/** Kinds that end the talk, or hand it to another flow. */
export const ENDING: ReadonlySet<KindedNode['kind']> = new Set(['end', 'verdict', 'handoff', 'schedule', 'switch_flow']);

export interface Edge {
  readonly path: FlowPath;
  readonly target: string;
}

/** Every way out of a node, the flow's fallback and universal intents included. */
export function edgesOf(flow: FlowFile, name: string): Edge[] {
  const node = nodeOf(flow, name);
  if (node === undefined) return [];
  const at: FlowPath = ['nodes', name];
  const edges: Edge[] = [];
  const add = (path: FlowPath, target: string | undefined): void => {
    if (target !== undefined) edges.push({ path, target });
  };
  const one = kinded(node);
  switch (one.kind) {
    case 'say':
    case 'set':
      add([...at, 'next'], one.node.next);
      break;
    case 'branch':
      one.node.branch.forEach((arm, index) => add([...at, 'branch', index, 'goto'], arm.goto));
      add([...at, 'otherwise'], one.node.otherwise);
      break;
    case 'ask':
      for (const key of ['yes', 'no', 'next', 'otherwise', 'fallback'] as const) add([...at, key], one.node[key]);
      if (one.node.fallback === undefined) add(['fallback'], flow.fallback);
      edges.push(...actionEdges(flow, [...at, 'intents'], one.node.intents));
      if (one.node.universal !== false) for (const edge of universalEdges(flow)) edges.push(edge);
      edges.push(...moodEdges(flow));
      break;
    case 'transfer':
    case 'switch_flow':
      add([...at, 'failed'], one.node.failed);
      break;
    case 'collect':
      add([...at, 'next'], one.node.next);
      add([...at, 'cancel'], one.node.cancel);
      edges.push(...listeningEdges(flow, at, one.node, one.node.fallback));
      break;
    case 'answer':
      add([...at, 'next'], one.node.next);
      edges.push(...listeningEdges(flow, at, one.node, one.node.fallback));
      break;
    case 'schedule':
      edges.push(...listeningEdges(flow, at, one.node, undefined));
      break;
    case 'choose':
      for (const [label, option] of Object.entries(one.node.options)) add([...at, 'options', label, 'goto'], option.goto);
      edges.push(...listeningEdges(flow, at, one.node, one.node.fallback));
      break;
    case 'generate':
      add([...at, 'next'], one.node.next);
      break;
    case 'action':
      add([...at, 'next'], one.node.next);
      add([...at, 'failed'], one.node.failed);
      break;
    case 'run':
      add([...at, 'run'], flow.sub_flows?.[one.node.run]?.start);
      add([...at, 'next'], one.node.next);
      break;
    case 'verdict':
    case 'handoff':
      break;
    case 'end':
      break;
  }
  return edges;
}

function listeningEdges(flow: FlowFile, at: FlowPath, node: CollectNode | ChooseNode | AnswerNode | ScheduleNode, fallback: string | undefined): Edge[] {
  const edges = actionEdges(flow, [...at, 'intents'], node.intents);
  if (fallback !== undefined) edges.push({ path: [...at, 'fallback'], target: fallback });
  else if (flow.fallback !== undefined) edges.push({ path: ['fallback'], target: flow.fallback });
  edges.push(...moodEdges(flow));
  return node.universal === false ? edges : [...edges, ...universalEdges(flow)];
}

export function universalEdges(flow: FlowFile): Edge[] {
  return actionEdges(flow, ['universal'], flow.universal);
}

function actionEdges(flow: FlowFile, at: FlowPath, actions: Readonly<Record<string, FlowAction | true>> | undefined): Edge[] {
  const edges: Edge[] = [];
  for (const [label, action] of Object.entries(actions ?? {})) {
    if (action === true) {
      const handoff = label === 'person' ? handoffNode(flow) : undefined;
      if (handoff !== undefined) edges.push({ path: [...at, label], target: handoff });
    } else edges.push({ path: [...at, label, 'goto'], target: action.goto ?? BACK });
  }
  return edges;
}

/** Where rules on the caller's mood lead, from any question. */
function moodEdges(flow: FlowFile): Edge[] {
  return (flow.mood ?? []).flatMap((rule, index) => (rule.goto === undefined ? [] : [{ path: ['mood', index, 'goto'], target: rule.goto }]));
}

/** Where `person: true` leads: the first node that ends with a handoff. */
export function handoffNode(flow: FlowFile): string | undefined {
  return Object.keys(flow.nodes).find((name) => {
    const node = nodeOf(flow, name);
    return node !== undefined && (('end' in node && node.end === 'handoff') || 'handoff' in node);
  });
}

export function reachable(flow: FlowFile): Set<string> {
  const seen = new Set<string>([flow.start]);
  for (const name of seen) for (const { target } of edgesOf(flow, name)) if (target !== BACK && target !== RETURN && Object.hasOwn(flow.nodes, target)) seen.add(target);
  return seen;
}

/** A circle of nodes that never listens, or undefined. A branch may break it at run time, so it may be one only in form. */
export function silentLoop(flow: FlowFile): string[] | undefined {
  const done = new Set<string>();
  for (const start of Object.keys(flow.nodes)) {
    const path: string[] = [];
    const loop = walk(flow, start, path, done);
    if (loop !== undefined) return loop;
  }
  return undefined;
}

function walk(flow: FlowFile, start: string, path: string[], done: Set<string>): string[] | undefined {
  // Depth first without recursion: a flow may have a thousand nodes in a row.
  const stack: { name: string; targets: string[] }[] = [{ name: start, targets: silentTargets(flow, start) }];
  path.push(start);
  while (stack.length > 0) {
    const top = stack[stack.length - 1];
    const target = top?.targets.pop();
    if (top === undefined) break;
    if (target === undefined) {
      done.add(top.name);
      stack.pop();
      path.pop();
    } else if (path.includes(target)) return [...path.slice(path.indexOf(target)), target];
    else if (!done.has(target)) {
      stack.push({ name: target, targets: silentTargets(flow, target) });
      path.push(target);
    }
  }
  return undefined;
}

function silentTargets(flow: FlowFile, name: string): string[] {
  const node = nodeOf(flow, name);
  if (node === undefined || LISTENING.has(kinded(node).kind)) return [];
  return edgesOf(flow, name).map((edge) => edge.target).filter((target) => Object.hasOwn(flow.nodes, target));
}

/** A node may be called "constructor". */
export function nodeOf(flow: FlowFile, name: string): FlowNode | undefined {
  return Object.hasOwn(flow.nodes, name) ? flow.nodes[name] : undefined;
}
