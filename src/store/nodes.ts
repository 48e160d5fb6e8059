/**
 * PORT, part of the store: several servers on one database. Each is a node with an id
 * new for every process, which is also its fence: once the others have taken it for
 * dead, nothing can be begun or finished in its name any more.
 *
 * A node is dead when its beats stand still for `NODE_LEASE_MS` as another one watches
 * them by its own steady clock: no clocks are compared, so none that jumps kills
 * anybody. While the database itself is away nobody's time runs. On SQLite one server
 * works on the file at a time, so every other node is dead at once.
 */
export const NODE_LEASE_MS = 20_000;

/** What has changed: tasks by another node, or the list of events by anybody. */
export type StoreChange = 'events' | 'tasks';

/** A piece of work that one node at a time does, e.g. `scheduler`. */
export interface Duty {
  /** Asks the database whether it is still ours; false: the connection broke, and another node may have it. */
  held(): Promise<boolean>;
  release(): Promise<void>;
}

export interface NodeStore {
  /** Says that the node lives; the first time makes it known. False if it was taken for dead: go on under a new id. */
  beat(nodeId: string): Promise<boolean>;
  /** The node has nothing open and goes. */
  leave(nodeId: string): Promise<void>;
  /** Nodes that have neither gone nor were taken for dead; at least 1. */
  livingNodes(): Promise<number>;
  /** Undefined if somebody else has it, on this node or another. It ends with this process, whichever way that ends. */
  takeDuty(name: string): Promise<Duty | undefined>;
  /**
   * `listener` runs when another node has changed something, after new events of this one, and
   * after a connection that broke is back, as then nobody knows what was missed. The answer ends that.
   */
  watch(listener: (change: StoreChange) => void): () => void;
}
