import type { CallState } from './call-service.js';

/** What can happen to a call, in the words of its own life. */
export type CallInput = 'ringing' | 'answered' | 'hangup' | 'over';

/** One table; an input that is missing for a state changes nothing. */
const TABLE: Readonly<Record<CallState, Partial<Record<CallInput, CallState>>>> = {
  dialing: { ringing: 'ringing', answered: 'in_call', hangup: 'ending', over: 'ended' },
  ringing: { answered: 'in_call', hangup: 'ending', over: 'ended' },
  in_call: { hangup: 'ending', over: 'ended' },
  ending: { over: 'ended' },
  ended: {},
};

export function nextCallState(state: CallState, input: CallInput): CallState {
  return TABLE[state][input] ?? state;
}
