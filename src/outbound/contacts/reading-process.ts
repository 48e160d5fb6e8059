import { asTrunklineError } from '../../kernel/errors.js';
import { helperPort } from '../../kernel/helper-process.js';
import { readRows } from './reading.js';
import type { ReadingOrder } from './reading.js';
import type { ReadingReply, ReadingRequest } from './reading-messages.js';

/** Program of the process that reads the file of an import: calls go first. */
const NICE = 5;
const port = helperPort(NICE);
const post = (reply: ReadingReply): void => port.post(reply);
let onChunk: (bytes: Uint8Array | undefined) => void = () => undefined;
let onGo: () => void = () => undefined;

async function* chunks(): AsyncGenerator<Buffer> {
  for (;;) {
    const next = new Promise<Uint8Array | undefined>((resolve) => (onChunk = resolve));
    post({ type: 'want' });
    const bytes = await next;
    if (bytes === undefined) return;
    yield Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
}

async function read(order: ReadingOrder): Promise<void> {
  try {
    const rows = readRows(chunks(), order, async (found, attributes) => {
      const go = new Promise<void>((resolve) => (onGo = resolve));
      post({ type: 'found', found, attributes: [...attributes] });
      await go;
    });
    for await (const some of rows) post({ type: 'rows', rows: some });
    post({ type: 'done' });
  } catch (thrown) {
    const { code, params, field } = asTrunklineError(thrown);
    post({ type: 'failed', code, params, field });
  }
}

port.onMessage((message) => {
  const request = message as ReadingRequest;
  if (request.type === 'read') void read(request.order);
  else if (request.type === 'chunk') onChunk(request.bytes);
  else onGo();
});
