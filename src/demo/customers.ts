/**
 * The three people whom the demo calls. `pitch` shifts the one installed voice, so
 * that they sound like different people; `say` is spoken in turn, each after the
 * bot has finished.
 */
export interface DemoCustomer {
  readonly name: string;
  readonly temper: string;
  readonly pitch: number;
  readonly say: readonly string[];
}

export const CUSTOMERS: readonly DemoCustomer[] = [
  {
    name: 'Alice',
    temper: 'interested, with a question',
    pitch: 1.12,
    say: ['Yes please tell me more.', 'How much does it cost?', 'Yes please send it.', 'Yes that is fine.'],
  },
  { name: 'Bob', temper: 'not interested', pitch: 0.9, say: ['No thank you I am not interested.'] },
  { name: 'Carol', temper: 'busy now', pitch: 1, say: ["I'm busy right now. Please call me later.", 'Tomorrow at three in the afternoon.', 'Yes that is right.'] },
];
