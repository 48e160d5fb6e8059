import { isIPv6 } from 'node:net';

/**
 * Under which name a source is counted. A host gets a whole IPv6 /64 from its
 * provider (RFC 6177) and may take a new address for each request, so the /64 is
 * one source; an IPv4 address stands for itself.
 */
export function sourceKey(address: string): string {
  if (!address.includes(':')) return address;
  if (!isIPv6(address)) return address;
  return `${groupsOf(address).slice(0, 4).map((group) => group.toString(16)).join(':')}::/64`;
}

/** The eight groups of an address literal. */
function groupsOf(address: string): number[] {
  const bare = address.split('%')[0]!;
  const [head = '', tail] = bare.split('::');
  const front = groups(head);
  if (tail === undefined) return front;
  const back = groups(tail);
  return [...front, ...Array<number>(Math.max(0, 8 - front.length - back.length)).fill(0), ...back];
}

function groups(part: string): number[] {
  if (part === '') return [];
  return part.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)];
    // RFC 4291 2.2: the last 32 bits may be written as IPv4.
    const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
    return [a * 256 + b, c * 256 + d];
  });
}
