import t from 'tap';
import { AddressGuard } from '../../src/followup/address-guard.js';

t.test('only public addresses, however they are written', (t) => {
  const guard = new AddressGuard([]);
  const closed = [
    '127.0.0.1', '127.255.255.255', '0.0.0.0', '10.0.0.1', '100.64.0.1', '169.254.169.254', '172.16.0.1', '172.31.255.255', '192.168.1.1', '192.0.2.1', '198.18.0.1', '224.0.0.1', '255.255.255.255',
    '::1', '::', '::ffff:127.0.0.1', '::ffff:7f00:1', '::FFFF:10.0.0.1', '0:0:0:0:0:ffff:a00:1', 'fc00::1', 'fd12::1', 'fe80::1', 'fe80::1%eth0', 'ff02::1', '64:ff9b::a00:1', '2002:a00:1::', '2001:db8::1',
    '', 'localhost', 'example.com', '127.1', '0x7f000001', '2130706433',
  ];
  for (const address of closed) t.notOk(guard.allows(address), address);
  for (const address of ['8.8.8.8', '172.32.0.1', '192.167.0.1', '100.128.0.1', '2606:4700::1', '::ffff:8.8.8.8']) t.ok(guard.allows(address), address);
  t.end();
});

t.test('what the operator opens is open, and no more', (t) => {
  const guard = new AddressGuard(['10.1.0.0/16', 'fd00:1::/32', '127.0.0.1']);
  for (const address of ['10.1.2.3', '::ffff:10.1.2.3', 'fd00:1::5', '127.0.0.1']) t.ok(guard.allows(address), address);
  for (const address of ['10.2.0.1', 'fd00:2::5', '127.0.0.2']) t.notOk(guard.allows(address), address);
  t.end();
});
