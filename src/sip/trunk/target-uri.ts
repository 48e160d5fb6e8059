import type { TrunkSettings } from '../../config/trunk-schema.js';
import { hostPort } from './resolve.js';
import type { Target } from './resolve.js';

function transportOf({ address }: Target): string {
  return address.transport === 'udp' ? '' : `;transport=${address.transport}`;
}

/** Where a request to `target` is sent. */
export function nextHopOf(target: Target): string {
  return `sip:${hostPort(target.host, target.port)}${transportOf(target)}`;
}

/** Host part of URIs at the carrier: its domain, or what was declared as its address. */
export function domainOf(settings: Pick<TrunkSettings, 'domain'>, target: Target): string {
  if (settings.domain !== undefined) return settings.domain;
  const { host, port } = target.address;
  return port === undefined ? host : `${host}:${port}`;
}

/** Request-URI for `user` at the carrier; without one, the carrier itself. */
export function uriAt(settings: Pick<TrunkSettings, 'domain'>, target: Target, user?: string): string {
  return `sip:${user === undefined ? '' : `${user.replaceAll('#', '%23')}@`}${domainOf(settings, target)}${transportOf(target)}`;
}

/** For records and states: which place was meant. */
export function labelOf(target: Target): string {
  return `${hostPort(target.host, target.port)}${target.address.transport === 'udp' ? '' : `/${target.address.transport}`}`;
}
