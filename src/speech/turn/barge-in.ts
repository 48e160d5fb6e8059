/** Enough unbroken speech over the prompt to stop it. A shorter sound is a cough or "mm-hm". */
export function isBargeIn(limitMs: number, speechStartMs: number, speechEndMs: number): boolean {
  return speechEndMs - speechStartMs >= limitMs;
}
