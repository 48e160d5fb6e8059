import { BACK, RETURN } from '../flow/schema.js';
import type { Listening, Program, ProgramNode } from '../program.js';
import type { TalkState } from './talk-state.js';

type Nodes = Program['nodes'];

/** Nodes from which some way leads to `back`, and to `return`. */
interface Ways {
  readonly back: ReadonlySet<string>;
  readonly returning: ReadonlySet<string>;
}

/** By the nodes of a flow, which all its talks share. */
const known = new WeakMap<Nodes, Ways>();
/** A way to an end that is longer is not looked at. */
const MAX_WAY = 20;

/**
 * What was left behind is forgotten where no way leads back to it: after "I am not
 * interested" the talk goes on elsewhere, and a fallback may leave a sub-flow in the middle.
 */
export function forgetLeft(talk: TalkState, name: string): void {
  const { back, returning } = waysIn(talk.program.nodes);
  const comesBack = back.has(name) || (returning.has(name) && talk.returns.some((next) => next === BACK || back.has(next)));
  if (!comesBack) talk.left.length = 0;
  if (!comesBack && !returning.has(name)) talk.returns = [];
}

/** The talk ends there without another question. `holds`: which arm of a branch would be taken now. */
export function leadsToEnd(nodes: Nodes, start: string, arm: (node: Extract<ProgramNode, { kind: 'branch' }>) => string): boolean {
  let name = start;
  for (let step = 0; step < MAX_WAY; step++) {
    const node = nodes.get(name);
    switch (node?.kind) {
      case 'end':
      case 'verdict':
      case 'transfer':
      case 'switch':
        return true;
      case 'say':
      case 'set':
        name = node.next;
        break;
      case 'branch':
        name = arm(node);
        break;
      default:
        return false;
    }
  }
  return false;
}

function waysIn(nodes: Nodes): Ways {
  let ways = known.get(nodes);
  if (ways === undefined) known.set(nodes, (ways = { back: leadingTo(nodes, BACK), returning: leadingTo(nodes, RETURN) }));
  return ways;
}

function leadingTo(nodes: Nodes, target: typeof BACK | typeof RETURN): ReadonlySet<string> {
  const found = new Set<string>();
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const [name, node] of nodes) if (!found.has(name) && targetsOf(node, target).some((one) => one === target || found.has(one))) found.add(name);
  }
  return found;
}

/** Where a node leads by itself; universal intents and failures lead away from any question, and say nothing of the way it is on. */
function targetsOf(node: ProgramNode, towards: typeof BACK | typeof RETURN): string[] {
  switch (node.kind) {
    case 'say':
    case 'set':
    case 'generate':
      return [node.next];
    case 'branch':
      return [...node.arms.map((one) => one.goto), node.otherwise];
    case 'transfer':
      return [node.transfer.failed];
    case 'switch':
      return [node.failed];
    case 'action':
      return [node.next, node.failed];
    // What returns inside it returns to `next`.
    case 'run':
      return towards === BACK ? [node.start, node.next] : [node.next];
    case 'end':
    case 'verdict':
      return [];
    case 'ask':
      return [node.yes, node.no, node.next, node.otherwise, ...(towards === RETURN || node.answer === 'intents' ? ownTargets(node) : [])].filter((one) => one !== undefined);
    case 'choose':
      return [...[...node.options.values()].map((option) => option.goto), ...(towards === RETURN ? ownTargets(node) : [])];
    case 'collect':
    case 'answer':
      return [node.next, ...('cancel' in node && node.cancel !== undefined ? [node.cancel] : []), ...(towards === RETURN ? ownTargets(node) : [])];
  }
}

/** An intent that leads away comes back to its own question, and so does its `goto: back`. */
function ownTargets({ own, actions }: Pick<Listening, 'own' | 'actions'>): string[] {
  return [...own].flatMap((label) => {
    const action = actions.get(label);
    return action?.do === 'go' && action.goto !== BACK ? [action.goto] : [];
  });
}
