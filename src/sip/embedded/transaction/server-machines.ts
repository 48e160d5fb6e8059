/**
 * The two server transactions as tables: state, event, what follows. An event that
 * a state does not name changes nothing. Timer actions use the times of RFC 3261
 * table 4; on reliable transports `set-G` does nothing and I and J are 0 s.
 */
export type ServerState = 'trying' | 'proceeding' | 'accepted' | 'completed' | 'confirmed' | 'terminated';

/** `request`: the request came again. `1xx`...: the user answers. `G`...: the timer fired. */
export type ServerEvent = 'request' | 'ack' | '1xx' | '2xx' | '3xx-6xx' | 'G' | 'H' | 'I' | 'J' | 'L';

export type ServerAction =
  /** Send the response that the user gives. */
  | 'send'
  /** Send the last response again. */
  | 'resend'
  /** Hand the ACK to the user. */
  | 'pass-ack'
  /** Tell the user that no ACK came. */
  | 'no-ack'
  | 'set-G' | 'double-G' | 'stop-G'
  | 'set-H' | 'stop-H'
  | 'set-I' | 'set-J' | 'set-L';

export interface Step<State extends string, Action extends string> {
  readonly to: State;
  readonly run: readonly Action[];
}

export type Machine<State extends string, Event extends string, Action extends string> = Readonly<Record<State, Readonly<Partial<Record<Event, Step<State, Action>>>>>>;

/** RFC 3261 17.2.1 figure 7 with the changes of RFC 6026 7.1. */
export const inviteServerMachine: Machine<ServerState, ServerEvent, ServerAction> = {
  trying: {},
  proceeding: {
    // 17.2.1: a retransmission in Proceeding gets the most recent provisional response.
    request: { to: 'proceeding', run: ['resend'] },
    '1xx': { to: 'proceeding', run: ['send'] },
    // RFC 6026 7.1: a 2xx leads to Accepted, timer L is set to 64*T1. The user repeats the 2xx.
    '2xx': { to: 'accepted', run: ['send', 'set-L'] },
    // 17.2.1: 300 to 699 leads to Completed; G on unreliable transports, H always.
    '3xx-6xx': { to: 'completed', run: ['send', 'set-G', 'set-H'] },
  },
  completed: {
    request: { to: 'completed', run: ['resend'] },
    // 17.2.1: when G fires the response is sent again, G is MIN(2*G, T2).
    G: { to: 'completed', run: ['resend', 'double-G'] },
    // 17.2.1: an ACK leads to Confirmed; I is T4, 0 s on reliable transports.
    ack: { to: 'confirmed', run: ['stop-G', 'stop-H', 'set-I'] },
    // 17.2.1: if H fires the ACK was never received; the user is told.
    H: { to: 'terminated', run: ['stop-G', 'no-ack'] },
  },
  confirmed: {
    // 17.2.1: further ACKs are absorbed, and so are INVITEs.
    I: { to: 'terminated', run: [] },
  },
  accepted: {
    // RFC 6026 7.1: retransmissions of the INVITE are absorbed without being passed on.
    '2xx': { to: 'accepted', run: ['send'] },
    ack: { to: 'accepted', run: ['pass-ack'] },
    L: { to: 'terminated', run: [] },
  },
  terminated: {},
};

/** RFC 3261 17.2.2 figure 8. */
export const nonInviteServerMachine: Machine<ServerState, ServerEvent, ServerAction> = {
  trying: {
    // 17.2.2: in Trying, further request retransmissions are discarded.
    '1xx': { to: 'proceeding', run: ['send'] },
    '2xx': { to: 'completed', run: ['send', 'set-J'] },
    '3xx-6xx': { to: 'completed', run: ['send', 'set-J'] },
  },
  proceeding: {
    request: { to: 'proceeding', run: ['resend'] },
    '1xx': { to: 'proceeding', run: ['send'] },
    '2xx': { to: 'completed', run: ['send', 'set-J'] },
    '3xx-6xx': { to: 'completed', run: ['send', 'set-J'] },
  },
  completed: {
    request: { to: 'completed', run: ['resend'] },
    J: { to: 'terminated', run: [] },
  },
  accepted: {},
  confirmed: {},
  terminated: {},
};
