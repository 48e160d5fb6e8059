import { kindOf } from './parse.js';
import type { FlowPath } from './parse.js';
import { BACK } from './schema.js';
import type { AskNode, BranchNode, EndNode, FlowFile, FlowNode, SayNode, SetNode } from './schema.js';

export type KindedNode =
  | { readonly kind: 'say'; readonly node: SayNode }
  | { readonly kind: 'ask'; readonly node: AskNode }
  | { readonly kind: 'branch'; readonly node: BranchNode }
  | { readonly kind: 'set'; readonly node: SetNode }
  | { readonly kind: 'end'; readonly node: EndNode };

export function kinded(node: FlowNode): KindedNode {
  return { kind: kindOf(node) ?? 'say', node } as KindedNode;
}

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
      for (const [label, action] of Object.entries(one.node.intents ?? {})) add([...at, 'intents', label, 'goto'], action.goto ?? BACK);
      if (one.node.universal !== false) for (const edge of universalEdges(flow)) edges.push(edge);
      break;
    case 'end':
      break;
  }
  return edges;
}

export function universalEdges(flow: FlowFile): Edge[] {
  const edges: Edge[] = [];
  for (const [label, action] of Object.entries(flow.universal ?? {})) {
    if (action === true) {
      const handoff = label === 'person' ? handoffNode(flow) : undefined;
      if (handoff !== undefined) edges.push({ path: ['universal', label], target: handoff });
    } else edges.push({ path: ['universal', label, 'goto'], target: action.goto ?? BACK });
  }
  return edges;
}

/** Where `person: true` leads: the first node that ends with a handoff. */
export function handoffNode(flow: FlowFile): string | undefined {
  return Object.keys(flow.nodes).find((name) => {
    const node = nodeOf(flow, name);
    return node !== undefined && 'end' in node && node.end === 'handoff';
  });
}

export function reachable(flow: FlowFile): Set<string> {
  const seen = new Set<string>([flow.start]);
  for (const name of seen) for (const { target } of edgesOf(flow, name)) if (target !== BACK && Object.hasOwn(flow.nodes, target)) seen.add(target);
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
  if (node === undefined || kinded(node).kind === 'ask') return [];
  return edgesOf(flow, name).map((edge) => edge.target).filter((target) => Object.hasOwn(flow.nodes, target));
}

/** A node may be called "constructor". */
export function nodeOf(flow: FlowFile, name: string): FlowNode | undefined {
  return Object.hasOwn(flow.nodes, name) ? flow.nodes[name] : undefined;
}
