import { parseArgs } from 'node:util';
import { talk } from './support/talk-bench.js';

/**
 * Many conversations at once: the same as `turn`, and the CPU that the server and its
 * workers need for them (1 is one core).
 */
export async function run(args: string[]): Promise<Record<string, number | string>> {
  const { values } = parseArgs({ args, options: { calls: { type: 'string', default: '8' }, rounds: { type: 'string', default: '2' } } });
  const calls = Number(values.calls);
  const rounds = Number(values.rounds);
  if (!Number.isInteger(calls) || calls < 1 || !Number.isInteger(rounds) || rounds < 1) throw new Error('--calls and --rounds must be positive numbers');
  const { summary, turns, cpuCores } = await talk({ calls, concurrent: calls, rounds });
  const { scripted, variable } = summary.replies;
  if (scripted === undefined) throw new Error(`no replies were heard: ${JSON.stringify(summary)}`);
  return {
    cpu_cores: cpuCores === undefined ? 'none' : Math.round(cpuCores * 1000) / 1000,
    scripted_p50_ms: scripted.p50,
    scripted_p95_ms: scripted.p95,
    variable_p50_ms: variable?.p50 ?? 'none',
    barge_in_p95_ms: summary.bargeIn?.p95 ?? 'none',
    greeting_p95_ms: summary.greeting?.p95 ?? 'none',
    calls: summary.answered,
    turns,
    turns_measured: scripted.count + (variable?.count ?? 0),
    talked_over: summary.talkedOver,
    no_reply: summary.noReply,
    packets_lost: summary.packetsLost,
    phone_worst_send_late_ms: summary.worstSendLateMs,
  };
}
