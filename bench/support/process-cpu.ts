import { readFileSync, readdirSync } from 'node:fs';

/** Kernel ticks in /proc are 1/100 s on every Linux that Node runs on. */
const TICK_MS = 10;

/** CPU time (user and system, ms) that a process and everything below it have used so far. */
export function treeCpuMs(pid: number): number {
  return [pid, ...descendants(pid)].reduce((sum, each) => sum + cpuMs(each), 0);
}

/** Resident memory (MB) of one process. */
export function residentMb(pid: number): number {
  const match = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Math.round(Number(match?.[1] ?? 0) / 1024);
}

export function descendants(pid: number): number[] {
  const children = readTasks(pid).flatMap((task) => read(`/proc/${pid}/task/${task}/children`).split(' ').filter(Boolean).map(Number));
  return children.flatMap((child) => [child, ...descendants(child)]);
}

function cpuMs(pid: number): number {
  // The second field, the name, may hold spaces and brackets; what follows the last bracket is numbers.
  const fields = read(`/proc/${pid}/stat`).replace(/^.*\) /s, '').split(' ');
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * TICK_MS;
}

function readTasks(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

/** Empty for a process that has just ended. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
