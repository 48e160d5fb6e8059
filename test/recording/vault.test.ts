import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import t from 'tap';
import type { Test } from 'tap';
import { silentLogger } from '../../src/kernel/log.js';
import { systemRandom } from '../../src/kernel/random.js';
import { loadMasterKeys } from '../../src/recording/master-keys.js';
import { CHUNK_BYTES, HEADER_BYTES, TAG_BYTES } from '../../src/recording/sealed-format.js';
import { RecordingVault } from '../../src/recording/vault.js';
import fc from '../support/property.js';

function setUp(t: Test) {
  const root = t.testdir({ recordings: {} });
  const dir = join(root, 'recordings');
  const keyFile = join(root, 'recordings.key');
  const vault = (path = keyFile): RecordingVault => new RecordingVault({ dir, keys: loadMasterKeys(path, systemRandom, 'recordings.key_file'), random: systemRandom, log: silentLogger });
  const write = (name: string, bytes: Uint8Array): void => writeFileSync(join(dir, name), bytes);
  return { root, dir, keyFile, vault, write };
}

async function all(stream: Readable): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

async function read(vault: RecordingVault, name: string, start = 0, end = Infinity): Promise<Buffer | undefined> {
  const file = await vault.open(name);
  return file && (await all(file.read(start, Math.min(end, file.size - 1))));
}

t.test('what is sealed reads as it was, and nothing of it is left in the open', async (t) => {
  const { dir, vault, write } = setUp(t);
  for (const size of [0, 1, 44, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES, 3 * CHUNK_BYTES + 17]) {
    const bytes = Buffer.alloc(size, 'a voice that says who it is; ');
    write('call_1.wav', bytes);
    await vault().seal('call_1.wav');
    t.same(readdirSync(dir), ['call_1.wav.sealed']);
    const sealed = readFileSync(join(dir, 'call_1.wav.sealed'));
    t.notOk(sealed.includes('voice'), 'no word of it');
    t.equal(statSync(join(dir, 'call_1.wav.sealed')).mode & 0o077, 0);
    t.ok((await read(vault(), 'call_1.wav'))?.equals(bytes), `${size} bytes`);
    t.equal(await vault().remove('call_1.wav'), true);
    t.same(readdirSync(dir), []);
    t.equal(await vault().remove('call_1.wav'), false);
  }
});

t.test('any range is the same range of the recording', async (t) => {
  const { vault, write } = setUp(t);
  const bytes = randomBytes(2 * CHUNK_BYTES + 5_000);
  write('c.wav', bytes);
  const one = vault();
  await one.seal('c.wav');
  const place = fc.oneof(fc.nat(bytes.length - 1), fc.constantFrom(0, CHUNK_BYTES - 1, CHUNK_BYTES, 2 * CHUNK_BYTES, bytes.length - 1));
  await fc.assert(
    fc.asyncProperty(place, place, async (a, b) => {
      const [start, end] = [Math.min(a, b), Math.max(a, b)];
      return (await read(one, 'c.wav', start, end))!.equals(bytes.subarray(start, end + 1));
    }),
    { numRuns: 60 },
  );
});

t.test('each recording has a key of its own', async (t) => {
  const { dir, vault, write } = setUp(t);
  for (const name of ['a.wav', 'b.wav']) {
    write(name, Buffer.alloc(1_000));
    await vault().seal(name);
  }
  const [a, b] = ['a', 'b'].map((name) => readFileSync(join(dir, `${name}.wav.sealed`)).subarray(HEADER_BYTES));
  t.notOk(a!.equals(b!), 'the same sound is not the same file');
});

t.test('one bit changed anywhere is found out', async (t) => {
  const { dir, vault, write } = setUp(t);
  const bytes = randomBytes(CHUNK_BYTES + 300);
  write('c.wav', bytes);
  await vault().seal('c.wav');
  const path = join(dir, 'c.wav.sealed');
  const good = readFileSync(path);
  for (const at of [0, 8, 12, 19, 20, 30, 60, 87, HEADER_BYTES, HEADER_BYTES + 500, HEADER_BYTES + CHUNK_BYTES + 3, good.length - 1]) {
    const bad = Buffer.from(good);
    bad[at]! ^= 1;
    writeFileSync(path, bad);
    await t.rejects(read(vault(), 'c.wav'), { code: at >= 20 && at < 28 ? 'TRK_RECORDING_KEY' : 'TRK_RECORDING_CORRUPT' }, `byte ${at}`);
  }
  const second = HEADER_BYTES + CHUNK_BYTES + TAG_BYTES;
  for (const [name, bad] of [
    ['cut off', good.subarray(0, good.length - 1)],
    ['longer', Buffer.concat([good, Buffer.alloc(1)])],
    ['without its last chunk', good.subarray(0, second)],
    ['empty', Buffer.alloc(0)],
    ['chunks moved', Buffer.concat([good.subarray(0, HEADER_BYTES), good.subarray(second), good.subarray(HEADER_BYTES, second)])],
  ] as const) {
    writeFileSync(path, bad);
    await t.rejects(read(vault(), 'c.wav'), { code: 'TRK_RECORDING_CORRUPT' }, name);
  }
  writeFileSync(path, good);
  t.ok((await read(vault(), 'c.wav'))?.equals(bytes));
});

t.test('keys: made once, changed without losing the old, and missed by name', async (t) => {
  const { root, dir, keyFile, vault, write } = setUp(t);
  write('old.wav', Buffer.from('old'));
  await vault().seal('old.wav');
  t.equal(statSync(keyFile).mode & 0o077, 0, 'for its owner only');
  const first = readFileSync(keyFile, 'utf8');
  vault();
  t.equal(readFileSync(keyFile, 'utf8'), first, 'the next start takes the same');
  writeFileSync(keyFile, `${randomBytes(32).toString('base64')}\n${first}`);
  write('new.wav', Buffer.from('new'));
  await vault().seal('new.wav');
  t.same([String(await read(vault(), 'old.wav')), String(await read(vault(), 'new.wav'))], ['old', 'new']);
  const other = join(root, 'other.key');
  const id = createHash('sha256').update(Buffer.from(readFileSync(keyFile, 'utf8').split('\n')[0]!, 'base64')).digest('hex').slice(0, 16);
  await t.rejects(read(vault(other), 'new.wav'), { code: 'TRK_RECORDING_KEY', message: new RegExp(id) });
  const without = new RecordingVault({ dir, keys: undefined, random: systemRandom, log: silentLogger });
  await t.rejects(without.open('new.wav'), { code: 'TRK_RECORDING_KEY' });
  write('open.wav', Buffer.from('open'));
  await without.seal('open.wav');
  t.equal(String(await read(without, 'open.wav')), 'open', 'without keys it stays as it is');
  t.equal(String(await read(vault(), 'open.wav')), 'open', 'and is read by those who have some');
  for (const [text, code] of [['', 'TRK_CONFIG_INVALID'], ['abc', 'TRK_CONFIG_INVALID'], ['# only a note\n', 'TRK_CONFIG_INVALID']] as const) {
    writeFileSync(other, text);
    t.throws(() => vault(other), { code, field: 'recordings.key_file' });
  }
  t.throws(() => vault(join(root, 'no', 'folder')), { code: 'TRK_CONFIG_UNREADABLE', field: 'recordings.key_file' });
});

t.test('a process that died in the middle leaves one whole recording', async (t) => {
  const { dir, vault, write } = setUp(t);
  write('a.wav', Buffer.from('whole'));
  write('a.wav.sealed.part', Buffer.from('half'));
  write('b.wav', Buffer.from('b'));
  t.equal(await vault().sealLeftOvers(), 2);
  t.same(readdirSync(dir).sort(), ['a.wav.sealed', 'b.wav.sealed']);
  t.equal(String(await read(vault(), 'a.wav')), 'whole');
  t.equal(await vault().sealLeftOvers(), 0);
});

t.test('what cannot be sealed stays as it was', async (t) => {
  const { dir, vault, write } = setUp(t);
  await t.rejects(vault().seal('none.wav'), { code: 'TRK_MEDIA_RECORDING' });
  write('a.wav', Buffer.from('a'));
  // A folder where the sealed file should be: it cannot be written, as on a full disk, for root too.

  mkdirSync(join(dir, 'a.wav.sealed.part'));
  await t.rejects(vault().seal('a.wav'), { code: 'TRK_MEDIA_RECORDING' });
  t.ok(existsSync(join(dir, 'a.wav')));
  t.equal(String(await read(vault(), 'a.wav')), 'a');
});
