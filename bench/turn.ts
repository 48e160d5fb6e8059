import { parseArgs } from 'node:util';
import { TURNS_PER_ROUND } from './support/caller.js';
import { talk } from './support/talk-bench.js';

/**
 * How long the caller waits. A phone in another process takes one call after the other
 * and measures from its own RTP: the last packet of the caller's speech to the first
 * packet of the bot's. `--keep DIR` keeps recordings, events and results.
 */
export async function run(args: string[]): Promise<Record<string, number | string>> {
  const { values } = parseArgs({ args, options: { turns: { type: 'string', default: '60' }, keep: { type: 'string' } } });
  const turns = Number(values.turns);
  if (!Number.isInteger(turns) || turns < 1) throw new Error('--turns must be a positive number');
  const { summary, turns: planned, roundsComplete } = await talk({ calls: Math.ceil(turns / TURNS_PER_ROUND), concurrent: 1, rounds: 1, keep: values.keep });
  const { scripted, variable } = summary.replies;
  if (scripted === undefined || variable === undefined || summary.greeting === undefined) {
    throw new Error(`no replies were heard: ${JSON.stringify(summary)}`);
  }
  return {
    scripted_p50_ms: scripted.p50,
    scripted_p95_ms: scripted.p95,
    scripted_max_ms: scripted.max,
    variable_p50_ms: variable.p50,
    variable_p95_ms: variable.p95,
    barge_in_p95_ms: summary.bargeIn?.p95 ?? 'none',
    greeting_p95_ms: summary.greeting.p95,
    turns: planned,
    turns_measured: scripted.count + variable.count,
    barge_ins: summary.bargeIn?.count ?? 0,
    barge_ins_ignored: summary.bargeInFailed,
    rounds_complete: roundsComplete,
    talked_over: summary.talkedOver,
    no_reply: summary.noReply,
    packets_lost: summary.packetsLost,
    phone_worst_send_late_ms: summary.worstSendLateMs,
  };
}
