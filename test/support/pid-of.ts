/** Of a worker that runs; never 0, which would be every process of this test. */
export function pidOf(worker: { readonly pid: number | undefined } | undefined): number {
  if (worker?.pid === undefined) throw new Error('no worker runs');
  return worker.pid;
}
