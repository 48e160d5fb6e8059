/** What `universal: {name: true}` does, and the words it uses unless the flow has its own. English. */
export const builtIn: ReadonlyMap<string, { readonly say: string; readonly ends: string | undefined; readonly slot: string | undefined }> = new Map([
  ['repeat', { say: '', ends: undefined, slot: undefined }],
  ['hold_on', { say: 'Sure, take your time.', ends: undefined, slot: undefined }],
  ['person', { say: '', ends: undefined, slot: undefined }],
  ['stop_calling', { say: 'I understand. We will not call you again. Goodbye.', ends: 'do_not_call', slot: 'do_not_call' }],
  ['wrong_number', { say: 'I am sorry to have disturbed you. Goodbye.', ends: 'wrong_number', slot: 'wrong_number' }],
  ['bye', { say: 'Goodbye.', ends: 'caller_said_goodbye', slot: undefined }],
]);

export const defaultTexts = {
  apology: 'Sorry, I lost you for a moment.',
  reprompt: 'Sorry, I did not get that.',
  silenceReprompt: 'Are you still there?',
} as const;

export const defaultNumbers = { silenceMs: 6_000, accept: 0.5, askAgain: 0.25, maxTurns: 60 } as const;
