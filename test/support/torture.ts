import { readFileSync } from 'node:fs';

export interface Vector {
  /** `wsinv`, `ipv6-good`... */
  readonly name: string;
  readonly rfc: 'RFC 4475' | 'RFC 5118';
  readonly section: string;
  /** What the server does, as verdicts.json has it. */
  readonly verdict: string;
  /** As it goes on the wire. */
  readonly bytes: Buffer;
}

const folder = new URL('../vectors/', import.meta.url);

interface Entry {
  readonly file: string;
  readonly section: string;
  readonly server: string;
}

/** Every message of both RFCs. See test/vectors/README.md for what is changed before they are sent. */
export function tortureVectors(): Vector[] {
  const verdicts = JSON.parse(readFileSync(new URL('verdicts.json', folder), 'utf8')) as { rfc4475: Entry[]; rfc5118: Entry[] };
  const load = (rfc: Vector['rfc']) => (entry: Entry): Vector => {
    const raw = readFileSync(new URL(entry.file, folder));
    const name = entry.file.slice(entry.file.indexOf('/') + 1).replace(/\.dat$/, '');
    return { name, rfc, section: entry.section, verdict: entry.server, bytes: rfc === 'RFC 5118' ? prepare5118(raw) : raw };
  };
  return [...verdicts.rfc4475.map(load('RFC 4475')), ...verdicts.rfc5118.map(load('RFC 5118'))];
}

function prepare5118(raw: Buffer): Buffer {
  let text = raw.toString('latin1').replaceAll('\n', '\r\n');
  if (!text.includes('\r\n\r\n')) text += '\r\n';
  const bodyLength = text.length - text.indexOf('\r\n\r\n') - 4;
  text = text.replace(/^(Content-Length: )\d+/m, `$1${bodyLength}`);
  return Buffer.from(text, 'latin1');
}
