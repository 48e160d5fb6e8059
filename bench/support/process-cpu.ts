import { readFileSync, readdirSync } from 'node:fs';

/** Kernel ticks in /proc are 1/100 s on every Linux that Node runs on. */
const TICK_MS = 10;

/** CPU time (user and system, ms) that a process and everything below it have used so far. */
export function treeCpuMs(pid: number): number {
  return [pid, ...descendants(pid)].reduce((sum, each) => sum + cpuMs(each), 0);
}

/** The same as `treeCpuMs`, to the microsecond: by the scheduler's own account of each thread that lives. */
export function treeRunMs(pid: number): number {
  return [pid, ...descendants(pid)].reduce((sum, each) => sum + runMs(each), 0);
}

function runMs(pid: number): number {
  return threadsOf(pid).reduce((sum, thread) => sum + Number(read(`/proc/${pid}/task/${thread}/schedstat`).split(' ')[0] ?? 0) / 1e6, 0);
}

/** None of a process that has just ended. */
function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

/** Resident memory (MB) of one process. */
export function residentMb(pid: number): number {
  const match = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Math.round(Number(match?.[1] ?? 0) / 1024);
}

/** Every living process below `pid`, found by the parents that /proc names. */
export function descendants(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const parent = Number(statFields(Number(entry))[1] ?? 0);
    children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
  }
  const below = (parent: number): number[] => (children.get(parent) ?? []).flatMap((child) => [child, ...below(child)]);
  return below(pid);
}

/** Living processes by the name of their program, as /proc has it (at most 15 characters). */
export function processesNamed(name: string): number[] {
  const pids = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry)).map(Number);
  return pids.filter((pid) => read(`/proc/${pid}/comm`).trim() === name);
}

/** CPU time of one process alone, ms. */
export function cpuMs(pid: number): number {
  const fields = statFields(pid);
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * TICK_MS;
}

/** /proc/PID/stat after the name, which may hold spaces and brackets: state, parent, ... */
function statFields(pid: number): string[] {
  return read(`/proc/${pid}/stat`).replace(/^.*\) /s, '').split(' ');
}

/** Empty for a process that has just ended. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
