import type { CallEvent, CallNeeds, CallService, DialOrder, Reservation, ServiceLoad } from '../../src/call/call-service.js';
import { newId } from '../../src/kernel/ids.js';
import { systemRandom } from '../../src/kernel/random.js';
import type { Attempt, CallResult, Task } from '../../src/store/store.js';
import type { ManualClock } from '../support/manual-clock.js';

/** One dial that the test answers and ends. */
export class FakeCall {
  readonly task: Task;
  readonly attempt: Attempt;
  readonly signal: AbortSignal;
  readonly dialledAt: number;
  readonly answer: () => void;
  readonly end: (changes?: Partial<CallResult>) => void;
  readonly breakDown: (error: Error) => void;
  readonly result: Promise<CallResult>;

  readonly attemptsLeft: number | undefined;

  constructor(order: DialOrder, clock: ManualClock) {
    this.attemptsLeft = order.attemptsLeft;
    this.task = order.task;
    this.attempt = order.attempt;
    this.signal = order.signal;
    this.answer = order.onAnswered;
    this.dialledAt = clock.monotonic();
    let resolve: (result: CallResult) => void;
    let reject: (error: Error) => void;
    this.result = new Promise<CallResult>((yes, no) => {
      resolve = yes;
      reject = no;
    });
    this.end = (changes = {}) => {
      order.reservation.release();
      resolve({ ...plainResult(this.task, this.attempt, clock), ...changes });
    };
    this.breakDown = (error) => reject(error);
  }
}

function plainResult(task: Task, attempt: Attempt, clock: ManualClock): CallResult {
  return {
    id: newId('res', clock, systemRandom),
    taskId: task.id,
    callId: newId('call', clock, systemRandom),
    attemptId: attempt.id,
    direction: 'outbound',
    flow: task.flow,
    flowVersion: task.flowVersion,
    disposition: 'answered_human',
    sipStatus: 200,
    reason: 'OK',
    endedBy: 'bot',
    verdict: { kind: 'end', reason: 'refused' },
    slots: {},
    transcript: [],
    turns: [],
    recording: undefined,
    media: undefined,
    models: {},
    startedAt: attempt.startedAt,
    answeredAt: clock.now(),
    endedAt: clock.now(),
  };
}

/** The dialer's view of calls: capacity as set, every order kept for the test. */
export class FakeCallService implements CallService {
  readonly #clock: ManualClock;
  readonly dialled: FakeCall[] = [];
  capacity = Infinity;
  reserved = 0;
  /** What had happened to the attempt in the store when its INVITE would have left. */
  onDial: ((call: FakeCall) => void) | undefined;
  readonly listeners: ((event: CallEvent) => void)[] = [];
  transfer = (): boolean => false;
  sendDigits = (): Promise<boolean> => Promise.resolve(false);

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  serves(_needs: CallNeeds): boolean {
    return this.reserved < this.capacity;
  }

  /** By country, as far as it has two digits. */
  routeOf = ({ to }: Pick<Task, 'to' | 'from'>): string => to.slice(0, 3);

  reserve(_task?: Pick<Task, 'to' | 'from'>, needs: CallNeeds = {}): Reservation | undefined {
    if (!this.serves(needs)) return undefined;
    this.reserved++;
    let held = true;
    return {
      release: () => {
        if (held) this.reserved--;
        held = false;
      },
    };
  }

  dial(order: DialOrder): Promise<CallResult> {
    const call = new FakeCall(order, this.#clock);
    this.dialled.push(call);
    this.onDial?.(call);
    return call.result;
  }

  busyPercent = 0;
  /** What pacing sees; a reservation may be refused nevertheless. */
  ceiling = Infinity;
  load = (): ServiceLoad => ({ limits: { media: this.ceiling, ears: this.ceiling, mouths: this.ceiling, minds: undefined }, busyPercent: this.busyPercent });
  live = (): readonly [] => [];
  get = (): undefined => undefined;
  hangup = (): boolean => false;
  onEvent(listener: (event: CallEvent) => void): void {
    this.listeners.push(listener);
  }
}
