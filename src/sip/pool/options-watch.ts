/**
 * Does a server still speak SIP, not only with us? The servers of a pool ask each other
 * by OPTIONS; one that has answered before and now answers nobody gets no new calls.
 */
import type { Clock, Timer } from '../../kernel/clock.js';
import { fraction, type Random } from '../../kernel/random.js';
import type { PoolMember } from './pool.js';

/** Pause between rounds, up to a tenth more or less, ms. */
const EVERY_MS = 10_000;
/** One lost round is weather. */
const LOST_UNTIL_DEAD = 2;

interface Seen {
  /** Somebody was answered once: what never answered may be out of reach for the others only. */
  readonly answered: boolean;
  readonly lost: number;
}

export class OptionsWatch {
  private readonly seen = new Map<PoolMember, Seen>();
  private timer: Timer | undefined;
  private stopped = false;

  constructor(
    private readonly members: readonly PoolMember[],
    private readonly parts: { readonly clock: Clock; readonly random: Random },
    private readonly onChange: (member: PoolMember) => void,
  ) {}

  start(): void {
    // One server has nobody who could ask.
    if (this.members.length > 1) this.again();
  }

  stop(): void {
    this.stopped = true;
    this.timer?.cancel();
  }

  isDead(member: PoolMember): boolean {
    return (this.seen.get(member)?.lost ?? 0) >= LOST_UNTIL_DEAD;
  }

  private again(): void {
    if (this.stopped) return;
    const ms = EVERY_MS * (0.9 + 0.2 * fraction(this.parts.random));
    this.timer = this.parts.clock.after(ms, () => void this.round().finally(() => this.again()), { keepAlive: false });
  }

  private async round(): Promise<void> {
    const connected = this.members.filter(({ signalling }) => signalling.state === 'connected');
    await Promise.all(connected.map((member) => this.judge(member, connected.filter((other) => other !== member))));
  }

  private async judge(member: PoolMember, others: readonly PoolMember[]): Promise<void> {
    const uri = uriOf(member);
    if (others.length === 0 || uri === undefined) return;
    const before = this.seen.get(member) ?? { answered: false, lost: 0 };
    // Any answer shows a living server, a refusal too (RFC 3261 11.2).
    const answers = await Promise.allSettled(others.map(({ signalling }) => signalling.request('OPTIONS', uri)));
    const answered = answers.some(({ status }) => status === 'fulfilled');
    this.seen.set(member, { answered: before.answered || answered, lost: answered || !before.answered ? 0 : before.lost + 1 });
    if (!this.stopped) this.onChange(member);
  }
}

/** By UDP where it listens there. */
function uriOf({ signalling }: PoolMember): string | undefined {
  const found = signalling.addresses.map((address) => /^(udp|tcp)\/(.+)$/.exec(address)).filter((match) => match !== null);
  const best = found.find((match) => match[1] === 'udp') ?? found[0];
  return best === undefined ? undefined : `sip:${best[2] ?? ''}${best[1] === 'tcp' ? ';transport=tcp' : ''}`;
}
