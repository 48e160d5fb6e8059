/** Counts the caller's silence in audio time; it stands at zero while the bot speaks. */
export class SilenceTimer {
  private sinceMs: number;

  constructor(
    private readonly limitMs: number,
    atMs: number,
  ) {
    this.sinceMs = atMs;
  }

  /** True once the limit is reached. `busy` means that the caller speaks or is about to be taken. */
  expired(audioMs: number, botSpeaking: boolean, busy: boolean): boolean {
    if (botSpeaking) this.sinceMs = audioMs;
    return !botSpeaking && !busy && audioMs - this.sinceMs >= this.limitMs;
  }
}
