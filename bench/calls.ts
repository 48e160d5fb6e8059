import { parseArgs } from 'node:util';
import { talk } from './support/talk-bench.js';

/**
 * Many conversations at once: the same as `turn`, and the CPU that the server and its
 * workers need for them (1 is one core).
 */
export async function run(args: string[]): Promise<Record<string, number | string>> {
  const { values } = parseArgs({ args, options: { calls: { type: 'string', default: '8' }, rounds: { type: 'string', default: '2' }, keep: { type: 'string' } } });
  const calls = Number(values.calls);
  const rounds = Number(values.rounds);
  if (!Number.isInteger(calls) || calls < 1 || !Number.isInteger(rounds) || rounds < 1) throw new Error('--calls and --rounds must be positive numbers');
  const { summary, turns, roundsComplete, cpu } = await talk({ calls, concurrent: calls, rounds, keep: values.keep });
  const { scripted, variable } = summary.replies;
  if (scripted === undefined) throw new Error(`no replies were heard: ${JSON.stringify(summary)}`);
  return {
    cpu_cores: cpu === undefined ? 'none' : Math.round(cpu.cores * 1000) / 1000,
    cpu_cores_main_process: cpu === undefined ? 'none' : Math.round(cpu.mainCores * 1000) / 1000,
    cpu_wall_ms: Math.round(cpu?.wallMs ?? 0),
    scripted_p50_ms: scripted.p50,
    scripted_p95_ms: scripted.p95,
    variable_p50_ms: variable?.p50 ?? 'none',
    barge_in_p95_ms: summary.bargeIn?.p95 ?? 'none',
    greeting_p95_ms: summary.greeting?.p95 ?? 'none',
    calls: summary.answered,
    turns,
    turns_measured: scripted.count + (variable?.count ?? 0),
    rounds_complete: roundsComplete,
    talked_over: summary.talkedOver,
    no_reply: summary.noReply,
    packets_lost: summary.packetsLost,
    phone_worst_send_late_ms: summary.worstSendLateMs,
  };
}
