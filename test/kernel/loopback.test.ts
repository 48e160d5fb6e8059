import t from 'tap';
import { isLoopback } from '../../src/kernel/loopback.js';
import { isLocal } from '../../src/workers/worker-options.js';

t.test('what only this machine can reach', (t) => {
  for (const host of ['127.0.0.1', '127.8.9.10', '::1', '[::1]', 'localhost']) t.ok(isLoopback(host), host);
  for (const host of ['0.0.0.0', '::', '10.0.0.1', '127.example.com', '127.0.0.1.example.com', 'localhost.example.com', '']) t.notOk(isLoopback(host), host);
  for (const place of ['unix:/run/x.sock', '127.0.0.1:0', '[::1]:7001', 'localhost:7001']) t.ok(isLocal(place), place);
  for (const place of ['0.0.0.0:7001', '127.0.0.1', ':7001', '[::]:7001', 'ear.example:7001']) t.notOk(isLocal(place), place);
  t.end();
});
