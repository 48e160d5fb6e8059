import t from 'tap';
import { Capacity } from '../../src/call/capacity.js';
import type { MediaEngine } from '../../src/media/media-session.js';
import { FakeMedia } from '../support/fake-media.js';
import { FakeEar, FakeMouth } from '../support/fake-speech.js';
import { ManualClock } from '../support/manual-clock.js';

function setUp(freePorts = 20) {
  const english = { ear: new FakeEar(), mouth: new FakeMouth() };
  const chinese = { ear: new FakeEar(), mouth: new FakeMouth() };
  const media = { createSession: () => new FakeMedia(new ManualClock()), sessions: 0, freePorts, close: () => Promise.resolve() } satisfies MediaEngine;
  return { english, chinese, media, capacity: new Capacity({ media, speech: (language) => (language?.startsWith('zh') === true ? chinese : english) }) };
}

t.test('a language that is full leaves the others their places', async (t) => {
  const { capacity } = setUp();
  const held = [1, 2, 3, 4].map(() => capacity.reserve({ language: 'zh-CN' }));
  t.ok(held.every((one) => one !== undefined));
  t.equal(capacity.reserve({ language: 'zh-CN' }), undefined, 'four Chinese streams');
  const english = [1, 2, 3, 4].map(() => capacity.reserve({ language: 'en-US' }));
  t.ok(english.every((one) => one !== undefined));
  t.equal(capacity.reserve(), undefined, 'calls whose language is not known are those of the server');
  t.equal(capacity.taken, 8);
  held[0]?.release();
  held[0]?.release();
  t.equal(capacity.reserve({ language: 'en-US' }), undefined, 'a Chinese place is no English one');
  t.ok(capacity.reserve({ language: 'zh-CN' }));
  t.equal(capacity.reserve({ language: 'zh-CN' }), undefined, 'giving back twice counts once');
});

t.test('a language whose workers are down holds up no other', async (t) => {
  const { capacity, chinese } = setUp();
  chinese.ear.ready = false;
  t.equal(capacity.reserve({ language: 'zh-CN' }), undefined);
  t.ok(capacity.reserve({ language: 'en-US' }));
});

t.test('a person of each queue that a flow may transfer to, where their number is known', async (t) => {
  const { english, media } = setUp();
  const capacity = new Capacity({ media, speech: () => english, people: { support: 1 } });
  const needs = { people: ['support', 'sales'] };
  const held = capacity.reserve(needs);
  t.ok(held);
  t.equal(capacity.serves(needs), false, 'its one person may be needed');
  t.equal(capacity.reserve(needs), undefined);
  t.ok(capacity.reserve({ people: ['sales'] }), 'a queue of which nobody knows how many it has does not limit');
  t.ok(capacity.reserve(), 'nor does it hold up who needs nobody');
  held?.release();
  t.ok(capacity.reserve(needs));
});

t.test('media ports are for all languages together', async (t) => {
  const { capacity } = setUp(2);
  t.ok(capacity.reserve({ language: 'zh-CN' }));
  t.ok(capacity.reserve({ language: 'en-US' }));
  t.equal(capacity.reserve({ language: 'zh-CN' }), undefined);
  t.equal(capacity.reserve({ language: 'en-US' }), undefined);
});
