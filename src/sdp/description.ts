/** The parts of a session description (RFC 8866) that matter for telephone calls, as plain data. */

/** Direction of a stream as its describer sees it (RFC 8866 6.7). */
export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** `a=name` or `a=name:value`. */
export interface SdpAttribute {
  readonly name: string;
  readonly value: string | undefined;
}

/** `c=` line. */
export interface SdpConnection {
  readonly family: 4 | 6;
  /** As written: an address or a host name, without TTL. */
  readonly address: string;
  /** A TTL or an address count follows the address, so it is a multicast group (RFC 8866 5.7). */
  readonly multicast: boolean;
}

/** `o=` line. */
export interface SdpOrigin {
  readonly username: string;
  /** Decimal, up to 64 bits, so it stays text. */
  readonly sessionId: string;
  readonly sessionVersion: string;
  readonly family: 4 | 6;
  readonly address: string;
}

/** `m=` line and what follows it. */
export interface SdpMedia {
  readonly kind: string;
  /** 0 means rejected or removed (RFC 3264 5.1, 6, 8.2). */
  readonly port: number;
  readonly protocol: string;
  readonly formats: readonly string[];
  readonly connection: SdpConnection | undefined;
  readonly attributes: readonly SdpAttribute[];
}

export interface SessionDescription {
  readonly origin: SdpOrigin;
  readonly sessionName: string;
  readonly connection: SdpConnection | undefined;
  readonly timing: string;
  readonly attributes: readonly SdpAttribute[];
  readonly media: readonly SdpMedia[];
}

/** Value of the first attribute called `name`; `''` if it has none, undefined if it is absent. */
export function attributeValue(attributes: readonly SdpAttribute[], name: string): string | undefined {
  const found = attributes.find((attribute) => attribute.name === name);
  return found === undefined ? undefined : (found.value ?? '');
}

const DIRECTIONS: readonly string[] = ['sendrecv', 'sendonly', 'recvonly', 'inactive'] satisfies Direction[];

/** The last direction attribute of a list, undefined if it has none. */
export function statedDirection(attributes: readonly SdpAttribute[]): Direction | undefined {
  return attributes.findLast((attribute) => DIRECTIONS.includes(attribute.name))?.name as Direction | undefined;
}
