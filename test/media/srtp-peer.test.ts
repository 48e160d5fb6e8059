import t from 'tap';
import { SrtpPeer, aesCounterMode, deriveKey } from './srtp-peer.js';

t.test('RFC 3711 B.2: AES-CM key stream', async (test) => {
  const key = Buffer.from('2B7E151628AED2A6ABF7158809CF4F3C', 'hex');
  const initial = Buffer.from('F0F1F2F3F4F5F6F7F8F9FAFBFCFD0000', 'hex');
  const stream = aesCounterMode(key, initial, Buffer.alloc(48)).toString('hex').toUpperCase();
  test.equal(stream, 'E03EAD0935C95E80E166B16DD92B4EB4D23513162B02D0F72A43A2FE4A5F97AB41E95B3BB0A2E8DD477901E4FCA894C0');
});

t.test('RFC 3711 B.3: key derivation', async (test) => {
  const master = Buffer.from('E1F97A0D3E018BE0D64FA32C06DE4139', 'hex');
  const salt = Buffer.from('0EC675AD498AFEEBB6960B3AABE6', 'hex');
  const derived = (label: number, length: number): string => deriveKey(master, salt, label, length).toString('hex').toUpperCase();
  test.equal(derived(0, 16), 'C61E7A93744F39EE10734AFE3FF7A087');
  test.equal(derived(2, 14), '30CBBC08863D8C85D49DB34A9AE1');
  test.equal(derived(1, 94).slice(0, 40), 'CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4');
});

t.test('what one end protects only the same key opens', async (test) => {
  const key = Uint8Array.from({ length: 30 }, (_, i) => i);
  const packet = Buffer.from('80000001000000a000001234deadbeef', 'hex');
  for (const tag of [4, 10] as const) {
    const sealed = new SrtpPeer(key, tag).protect(packet);
    test.equal(sealed.length, packet.length + tag);
    test.same(new SrtpPeer(key, tag).unprotect(sealed), packet);
    test.equal(new SrtpPeer(key.map((byte) => byte ^ 1), tag).unprotect(sealed), undefined);
  }
});
