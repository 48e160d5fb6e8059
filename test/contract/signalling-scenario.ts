/** What the scenarios of the signalling contract share. */
import type { Test } from 'tap';
import type { Dialog, IncomingCall, Signalling } from '../../src/sip/signalling.js';
import { PeerDialog, responseTo, SDP, token, type PeerMessage, type SipPeer } from './sip-peer.js';

export interface ContractEnd {
  readonly signalling: Signalling;
  /** SIP port of the server on 127.0.0.1. */
  readonly sipPort: number;
  /**
   * A real drachtio-server (seen: 0.9.10). Its first CSeq is a random number, and
   * where it does less than the embedded one the scenario says what it does instead.
   */
  readonly real?: boolean;
  close(): Promise<void>;
}

export type Scenario = (title: string, run: (t: Test, end: ContractEnd, peer: SipPeer) => Promise<void>) => void;

export const ANSWER = SDP.replace('40000', '41000');

/** CSeq number of a message. */
export function sequenceOf(message: PeerMessage): number {
  return Number(message.header('CSeq').split(' ')[0]);
}

export function nextCall(signalling: Signalling): Promise<IncomingCall> {
  return new Promise((resolve) => signalling.onInvite(resolve));
}

/** A call of ours that was answered. */
export async function placed(end: ContractEnd, peer: SipPeer): Promise<{ dialog: Dialog; far: PeerDialog; invite: PeerMessage }> {
  const placing = end.signalling.place({ to: peer.uri, from: '1000', sdp: SDP, callId: `${token()}@test` });
  const invite = await peer.next('INVITE');
  invite.reply(responseTo(invite, 200, { headers: [`Contact: ${peer.contact}`], body: ANSWER }));
  const dialog = await placing;
  await peer.next('ACK');
  return { dialog, invite, far: PeerDialog.ofInvite(peer, end.sipPort, invite) };
}

/** A call of theirs that we answered. */
export async function answered(end: ContractEnd, peer: SipPeer): Promise<{ dialog: Dialog; far: PeerDialog }> {
  const coming = nextCall(end.signalling);
  const far = PeerDialog.caller(peer, end.sipPort);
  far.send('INVITE', { body: SDP });
  const answering = (await coming).answer(ANSWER);
  far.learn(await peer.next(200));
  far.send('ACK', { sequence: 1 });
  return { dialog: await answering, far };
}
