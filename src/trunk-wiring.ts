import { promises as dns } from 'node:dns';
import type { createCallService } from './call/service.js';
import type { Config } from './config/schema.js';
import { configuredTrunks, parseTrunk } from './config/trunks.js';
import type { Clock } from './kernel/clock.js';
import type { Logger } from './kernel/log.js';
import type { Random } from './kernel/random.js';
import type { EventLog } from './outbound/event-log.js';
import { userPart } from './sip/drachtio/uri.js';
import type { IncomingCall, Signalling } from './sip/signalling.js';
import { DigestDoor } from './sip/trunk/digest-door.js';
import { TrunkBook, utcDay } from './sip/trunk/trunk-book.js';
import type { Store } from './store/store.js';

/** The trunks of the configuration and of the store; a name in both is the configuration's. */
export async function openTrunks(config: Config, parts: { signalling: Signalling; store: Store; events: EventLog; clock: Clock; random: Random; log: Logger }): Promise<TrunkBook> {
  const { store, events, log } = parts;
  const book = new TrunkBook({
    ...parts,
    dns,
    caller: config.sip.caller,
    unknownSources: config.sip.unknown_sources,
    onState: (trunk, state, reason) => {
      if (state === 'up') void events.append('trunk.up', { trunk });
      if (state === 'down') void events.append('trunk.down', { trunk, reason: reason ?? '' });
    },
    onTalked: (trunk, day, talkedMs) => {
      store.addTrunkTalk(trunk, day, talkedMs).catch((error: unknown) => log.error({ err: error, trunk }, 'minutes of a trunk could not be saved'));
    },
  });
  // A record of an earlier version lacks what was added since; its defaults come now.
  for (const { settings } of await store.listTrunks()) book.put(parseTrunk(settings));
  for (const settings of configuredTrunks(config)) book.put(settings);
  const today = utcDay(parts.clock.now());
  book.remember(today, await store.trunkTalk(today));
  book.start();
  return book;
}

/** Which call comes from whom and goes to which flow. */
export function routeInbound(config: Config, signalling: Signalling, trunks: TrunkBook, calls: ReturnType<typeof createCallService>, parts: { clock: Clock; random: Random; log: Logger }): void {
  const { log } = parts;
  const door = new DigestDoor(parts);
  signalling.onInvite((call) => {
    const handled = answerInvite(config, { trunks, door, log }, calls, call);
    handled.catch((error: unknown) => log.error({ sipCallId: call.callId, err: error }, 'inbound call failed'));
  });
}

function answerInvite(config: Config, { trunks, door, log }: { trunks: TrunkBook; door: DigestDoor; log: Logger }, calls: ReturnType<typeof createCallService>, call: IncomingCall): Promise<void> {
  const source = trunks.admit(call);
  if (source.kind === 'refused') return call.reject(403);
  const admission = source.kind === 'known' ? door.admit(source.trunk, call) : { admitted: true as const };
  if (!admission.admitted) {
    // Without credentials every call begins; only wrong ones are news.
    if (admission.reason === 'wrong') log.warn({ sipCallId: call.callId, trunk: source.kind === 'known' ? source.trunk.name : undefined, source: call.source.address }, 'an incoming call gave wrong credentials');
    return call.reject(admission.status, { headers: admission.headers });
  }
  // RFC 3891: who takes the place of a far end calls no number of ours.
  if (call.replaces !== undefined) return calls.takePlace(call);
  const trunk = source.kind === 'known' ? source.trunk : undefined;
  // RFC 3261 8.2.2.1: the Request-URI says who is meant; To may still name whom the caller dialled before a diversion.
  const number = trunk === undefined ? userPart(call.uri) : trunks.calledNumber(trunk, userPart(call.uri));
  const rule = config.inbound.find((one) => one.number === number) ?? config.inbound.find((one) => one.number === '*');
  // RFC 3261 21.4.5: there is definitive information that the user does not exist here.
  if (rule === undefined) return call.reject(404);
  const options = { earlyPrompt: rule.early_prompt, variables: partiesOf(trunk === undefined ? call.from : trunks.callerNumber(trunk, call.from), number) };
  if (trunk === undefined) return calls.answer(call, rule.flow, undefined, options);
  const channel = trunks.takeInbound(trunk.name);
  return channel === undefined ? call.reject(503, { headers: { 'Retry-After': '5' } }) : calls.answer(call, rule.flow, channel, options);
}

/** What a flow may know of an incoming call; a From that is no number and no plain name is nobody's. */
function partiesOf(caller: string, called: string): Readonly<Record<string, string>> {
  const plain = (text: string): boolean => /^[A-Za-z0-9+*#._-]{1,64}$/.test(text);
  return { ...(plain(caller) ? { caller } : {}), ...(plain(called) ? { called } : {}) };
}
