/** Says a little and ends: for tests of signalling. */
export const shortFlow = (id: string): string => `
trunkline: 1
id: ${id}
language: en-US
start: farewell
nodes:
  farewell: { end: end, reason: said all, say: Hello and goodbye. }
`;

/** A greeting, a question, and an end that wants something done. */
export const talkFlow = (id: string): string => `
trunkline: 1
id: ${id}
language: en-US
start: greeting
fallback: nobody
defaults: { silence_ms: 2500 }
nodes:
  greeting: { say: Good morning. This is the test line of Harbor Bank., next: question }
  question: { ask: How are you today?, kind: text, slot: words, next: heard }
  heard: { end: follow_up, channel: email, template: greeting, reason: was heard, say: Thank you. Goodbye. }
  nobody: { end: end, reason: heard nobody, say: Goodbye. }
`;

/** Decides at once, then takes long to say goodbye. */
export const longFarewellFlow = (id: string): string => `
trunkline: 1
id: ${id}
language: en-US
start: farewell
nodes:
  farewell:
    end: follow_up
    channel: email
    template: contract
    reason: wants the contract
    say: >-
      Thank you very much for your time. We will send you the contract by mail within the next few days.
      Please read it carefully, and call us whenever you have a question about it. Goodbye.
`;
