// A receiver in plain Node: node examples/webhooks/receiver.mjs 9000
// The secret comes from the environment: TRUNKLINE_WEBHOOK_SECRET=whsec_...
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';

const LARGEST_BODY = 1024 * 1024;
const key = Buffer.from((process.env.TRUNKLINE_WEBHOOK_SECRET ?? '').replace(/^whsec_/, ''), 'base64');
if (key.length === 0) throw new Error('TRUNKLINE_WEBHOOK_SECRET is not set: anybody could sign with an empty key');
const seen = new Set(); // in earnest: a table with the id as its key

function authentic(headers, body) {
  const { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': signatures = '' } = headers;
  if (!(Math.abs(Date.now() / 1000 - Number(seconds)) <= 300)) return false;
  const wanted = Buffer.from(`v1,${createHmac('sha256', key).update(`${id}.${seconds}.`).update(body).digest('base64')}`);
  return signatures.split(' ').some((one) => {
    const given = Buffer.from(one);
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  });
}

const server = createServer((request, response) => {
  const chunks = [];
  let size = 0;
  request.on('data', (chunk) => {
    size += chunk.length;
    if (size > LARGEST_BODY) return request.destroy();
    chunks.push(chunk);
  });
  request.on('end', () => {
    const body = Buffer.concat(chunks);
    if (!authentic(request.headers, body)) return response.writeHead(401).end();
    const id = request.headers['webhook-id'];
    // The same event may come twice: take it once, and answer 2xx both times.
    if (!seen.has(id)) {
      seen.add(id);
      const { type, data } = JSON.parse(body.toString('utf8'));
      console.log(type, data.taskId ?? '', data.disposition ?? '', data.verdict?.kind ?? '');
    }
    response.writeHead(204).end();
  });
});
server.listen(Number(process.argv[2] ?? 9000), '127.0.0.1', () => console.log(`listening on ${server.address().port}`));
