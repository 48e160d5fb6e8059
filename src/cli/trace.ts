import { writeFileSync } from 'node:fs';
import { TrunklineError } from '../kernel/errors.js';
import { configFrom } from './arguments.js';
import { EXIT } from './output.js';
import type { Output } from './output.js';
import { fetchFrom, serverUrl } from './server-client.js';

/** The SIP ladder of a live or lately ended call of a running server. */
export async function trace(output: Output, call: string, options: { config?: string; url?: string; pcap?: string }): Promise<number> {
  const url = serverUrl(configFrom(options.config), options);
  const format = options.pcap !== undefined ? 'pcap' : output.json ? 'json' : 'text';
  const response = await fetchFrom(url, `/v1/calls/${encodeURIComponent(call)}/trace?format=${format}`);
  if (options.pcap === undefined) {
    output.out((await response.text()).trimEnd());
    return EXIT.ok;
  }
  const bytes = Buffer.from(await response.arrayBuffer());
  try {
    // Not for everybody: it shows telephone numbers.
    writeFileSync(options.pcap, bytes, { mode: 0o600 });
  } catch (cause) {
    throw new TrunklineError('TRK_USAGE', { params: { reason: `${options.pcap} cannot be written.` }, field: '--pcap', cause });
  }
  if (output.json) output.out(JSON.stringify({ file: options.pcap, bytes: bytes.length }));
  else output.note(`${options.pcap}: ${bytes.length} bytes. Look with: wireshark ${options.pcap}, or tshark -r ${options.pcap}`);
  return EXIT.ok;
}
