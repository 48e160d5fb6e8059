import type { SdpAttribute, SdpConnection, SessionDescription } from './description.js';

/** Writes a session description in the order of RFC 8866 5, with CRLF. */
export function serializeSdp(description: SessionDescription): string {
  const { origin } = description;
  const lines = [
    'v=0',
    `o=${origin.username} ${origin.sessionId} ${origin.sessionVersion} IN IP${origin.family} ${origin.address}`,
    `s=${description.sessionName}`,
    ...connectionLine(description.connection),
    `t=${description.timing}`,
    ...description.attributes.map(attributeLine),
  ];
  for (const media of description.media) {
    lines.push(`m=${media.kind} ${media.port} ${media.protocol} ${media.formats.join(' ')}`);
    lines.push(...connectionLine(media.connection), ...media.attributes.map(attributeLine));
  }
  return `${lines.join('\r\n')}\r\n`;
}

function connectionLine(connection: SdpConnection | undefined): string[] {
  return connection === undefined ? [] : [`c=IN IP${connection.family} ${connection.address}`];
}

function attributeLine(attribute: SdpAttribute): string {
  return attribute.value === undefined ? `a=${attribute.name}` : `a=${attribute.name}:${attribute.value}`;
}
