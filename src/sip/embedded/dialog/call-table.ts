import { cseqOf, fromTag, toTag, type SipRequest } from '../message/message.js';
import type { Application } from '../application.js';
import type { Call } from './call.js';

/** The dialogs that exist: by their tags for the network, by drachtio's id for applications. */
export class CallTable {
  private readonly byTags = new Map<string, Call>();
  private readonly byId = new Map<string, Set<Call>>();
  /** How many dialogs have a Call-ID. */
  private readonly callIds = new Map<string, number>();

  get size(): number {
    return this.byTags.size;
  }

  add(call: Call): void {
    const { callId, localTag, remoteTag } = call.state;
    const tags = key(callId, localTag, remoteTag);
    if (!this.byTags.has(tags)) this.callIds.set(callId, (this.callIds.get(callId) ?? 0) + 1);
    this.byTags.set(tags, call);
    const forks = this.byId.get(call.id);
    if (forks) forks.add(call);
    else this.byId.set(call.id, new Set([call]));
  }

  remove(call: Call): void {
    call.stage = 'ended';
    call.session.stop();
    const { callId, localTag, remoteTag } = call.state;
    const tags = key(callId, localTag, remoteTag);
    if (this.byTags.get(tags) === call) {
      this.byTags.delete(tags);
      const left = (this.callIds.get(callId) ?? 1) - 1;
      if (left > 0) this.callIds.set(callId, left);
      else this.callIds.delete(callId);
    }
    const forks = this.byId.get(call.id);
    forks?.delete(call);
    if (forks?.size === 0) this.byId.delete(call.id);
  }

  /** The dialog that a request of theirs belongs to (RFC 3261 12.2.2). */
  ofRequest(request: SipRequest): Call | undefined {
    return this.byTags.get(key(request.headers.get('Call-ID') ?? '', toTag(request) ?? '', fromTag(request) ?? ''));
  }

  get(callId: string, localTag: string, remoteTag: string): Call | undefined {
    return this.byTags.get(key(callId, localTag, remoteTag));
  }

  hasCallId(callId: string): boolean {
    return this.callIds.has(callId);
  }

  /** Where their requests come from, and where our INVITEs went. */
  *peers(): Iterable<string> {
    for (const call of this.byTags.values()) {
      if (call.peer) yield call.peer.address;
      if (call.calledAt) yield call.calledAt.address;
    }
  }

  /** All forks that share drachtio's id. */
  withId(id: string): Call[] {
    return [...(this.byId.get(id) ?? [])];
  }

  /** The one that an application means by drachtio's id: the confirmed one, else the latest early one. */
  named(id: string): Call | undefined {
    const forks = this.withId(id);
    return forks.find((call) => call.stage === 'confirmed') ?? forks.at(-1);
  }

  of(application: Application): Call[] {
    return [...this.byTags.values()].filter((call) => call.application === application);
  }

  all(): Call[] {
    return [...this.byTags.values()];
  }
}

function key(callId: string, localTag: string, remoteTag: string): string {
  return `${callId}\n${localTag}\n${remoteTag}`;
}

/** CSeq number of a request; 0 where there is none. */
export function sequenceOf(request: SipRequest): number {
  return cseqOf(request)?.sequence ?? 0;
}
