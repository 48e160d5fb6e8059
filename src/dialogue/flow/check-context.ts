import { ENDING, edgesOf, kinded, nodeOf } from './graph.js';
import type { Edge } from './graph.js';
import type { FlowPath, Report } from './parse.js';
import { BACK, RETURN } from './schema.js';
import type { FlowFile } from './schema.js';

/**
 * Digressions from which nobody comes back: what is said and asked there goes round for
 * ever, or until failures lead away. A way out is an answer that leads to an end, to
 * `back` or to `return`.
 */
export function checkDigressions(flow: FlowFile, report: Report): void {
  const open = leavingNodes(flow);
  const told = new Set<string>();
  for (const name of Object.keys(flow.nodes)) {
    for (const { path, target } of edgesOf(flow, name)) {
      const key = path.join('.');
      if (!isLedAway(path) || told.has(key) || nodeOf(flow, target) === undefined || open.has(target)) continue;
      told.add(key);
      report(path, `who is led to "${target}" never comes back: no answer there leads to an end, to \`back\` or to \`return\``, 'warning');
    }
  }
}

/** Nodes from which an answer leads out, by what the node itself says. */
function leavingNodes(flow: FlowFile): ReadonlySet<string> {
  const leaving = new Set<string>();
  for (let before = -1; before !== leaving.size; ) {
    before = leaving.size;
    for (const name of Object.keys(flow.nodes)) if (!leaving.has(name) && leavesFrom(flow, name, leaving)) leaving.add(name);
  }
  return leaving;
}

function leavesFrom(flow: FlowFile, name: string, leaving: ReadonlySet<string>): boolean {
  const node = nodeOf(flow, name);
  if (node === undefined) return false;
  if (ENDING.has(kinded(node).kind) || kinded(node).kind === 'transfer') return true;
  return answersOf(flow, name).some(({ path, target }) => {
    // An intent that goes back only asks the same question again.
    if (target === BACK || target === RETURN) return path[2] !== 'intents';
    return leaving.has(target);
  });
}

/** Ways that an answer takes; failures, moods and what may be said anywhere are no answers. */
function answersOf(flow: FlowFile, name: string): Edge[] {
  return edgesOf(flow, name).filter(({ path }) => path[0] === 'nodes' && path[2] !== 'fallback' && path[2] !== 'cancel');
}

function isLedAway(path: FlowPath): boolean {
  return path[0] === 'universal' || path[0] === 'mood' || path[2] === 'intents';
}
