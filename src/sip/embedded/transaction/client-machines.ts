import type { Machine } from './server-machines.js';

/**
 * The two client transactions as tables; see `server-machines.ts`. On reliable
 * transports `set-A` and `set-E` do nothing and D and K are 0 s.
 */
/** `held`: a CANCEL that waits for a provisional response to its INVITE. */
export type ClientState = 'held' | 'calling' | 'trying' | 'proceeding' | 'accepted' | 'completed' | 'terminated';

/** `1xx`...: a response came. `A`...: the timer fired. `error`: the transport failed. */
export type ClientEvent = '1xx' | '2xx' | '3xx-6xx' | 'A' | 'B' | 'D' | 'E' | 'F' | 'K' | 'M' | 'cancel' | 'error';

export type ClientAction =
  /** Send the request again. */
  | 'resend'
  /** Hand the response to the user. */
  | 'pass'
  /** Hand a further 2xx to the user: a repetition or another branch of a fork. */
  | 'pass-again'
  /** Send, or send again, the ACK to a 3xx-6xx. */
  | 'ack'
  | 'timeout'
  | 'transport-error'
  | 'double-A' | 'stop-A' | 'stop-B' | 'stop-cancel'
  | 'double-E' | 'set-E-to-T2' | 'stop-E' | 'stop-F'
  | 'set-D' | 'set-K' | 'set-M';

/** RFC 3261 17.1.1 figure 5 with the changes of RFC 6026 7.2. Entering it sends the request and sets A and B. */
export const inviteClientMachine: Machine<ClientState, ClientEvent, ClientAction> = {
  held: {},
  calling: {
    // 17.1.1.2: when A fires the request is sent again and A is doubled.
    A: { to: 'calling', run: ['resend', 'double-A'] },
    // 17.1.1.2: if B fires in Calling the user is told of a timeout.
    B: { to: 'terminated', run: ['stop-A', 'timeout'] },
    // 17.1.1.2: a provisional response ends retransmission.
    '1xx': { to: 'proceeding', run: ['stop-A', 'stop-B', 'pass'] },
    // RFC 6026 7.2: a 2xx in Calling or Proceeding leads to Accepted and MUST be passed up.
    '2xx': { to: 'accepted', run: ['stop-A', 'stop-B', 'stop-cancel', 'set-M', 'pass'] },
    // 17.1.1.2: 300 to 699: passed up, an ACK is generated, even on reliable transports.
    '3xx-6xx': { to: 'completed', run: ['stop-A', 'stop-B', 'stop-cancel', 'ack', 'pass', 'set-D'] },
    error: { to: 'terminated', run: ['transport-error'] },
  },
  trying: {},
  proceeding: {
    '1xx': { to: 'proceeding', run: ['pass'] },
    '2xx': { to: 'accepted', run: ['stop-cancel', 'set-M', 'pass'] },
    '3xx-6xx': { to: 'completed', run: ['stop-cancel', 'ack', 'pass', 'set-D'] },
    // RFC 3261 9.1: no final response 64*T1 after a CANCEL: consider the transaction cancelled and destroy it.
    cancel: { to: 'terminated', run: ['timeout'] },
  },
  completed: {
    // 17.1.1.2: repetitions of the final response get the ACK again but are not passed up.
    '3xx-6xx': { to: 'completed', run: ['ack'] },
    D: { to: 'terminated', run: [] },
    // 17.1.1.2: the transport failed to deliver the ACK.
    error: { to: 'terminated', run: ['transport-error'] },
  },
  accepted: {
    // RFC 6026 7.2: any 2xx in Accepted is passed up; M ends it.
    '2xx': { to: 'accepted', run: ['pass-again'] },
    M: { to: 'terminated', run: [] },
  },
  terminated: {},
};

/** RFC 3261 17.1.2 figure 6. Entering it sends the request and sets E and F. */
export const nonInviteClientMachine: Machine<ClientState, ClientEvent, ClientAction> = {
  held: {},
  trying: {
    // 17.1.2.2: when E fires in Trying it is set to MIN(2*E, T2).
    E: { to: 'trying', run: ['resend', 'double-E'] },
    F: { to: 'terminated', run: ['stop-E', 'timeout'] },
    '1xx': { to: 'proceeding', run: ['pass'] },
    '2xx': { to: 'completed', run: ['stop-E', 'stop-F', 'pass', 'set-K'] },
    '3xx-6xx': { to: 'completed', run: ['stop-E', 'stop-F', 'pass', 'set-K'] },
    error: { to: 'terminated', run: ['transport-error'] },
  },
  proceeding: {
    // 17.1.2.2: in Proceeding, E is set to T2 unconditionally.
    E: { to: 'proceeding', run: ['resend', 'set-E-to-T2'] },
    F: { to: 'terminated', run: ['stop-E', 'timeout'] },
    '1xx': { to: 'proceeding', run: ['pass'] },
    '2xx': { to: 'completed', run: ['stop-E', 'stop-F', 'pass', 'set-K'] },
    '3xx-6xx': { to: 'completed', run: ['stop-E', 'stop-F', 'pass', 'set-K'] },
    error: { to: 'terminated', run: ['transport-error'] },
  },
  // 17.1.2.2: in Completed, repetitions of the final response are absorbed.
  completed: { K: { to: 'terminated', run: [] } },
  calling: {},
  accepted: {},
  terminated: {},
};
