import t from 'tap';
import { silentLogger } from '../../src/kernel/log.js';
import { systemRandom } from '../../src/kernel/random.js';
import { NodeHeart } from '../../src/outbound/node-heart.js';
import { ManualClock } from '../support/manual-clock.js';

const setUp = () => {
  const clock = new ManualClock();
  const beats: string[] = [];
  const answers = { beat: (_id: string): Promise<boolean> => Promise.resolve(true), lost: [] as string[], recovered: 0, left: '' };
  const heart = new NodeHeart({
    store: {
      beat: (id) => (beats.push(id), answers.beat(id)),
      leave: async (id) => void (answers.left = id),
      recoverAttempts: () => {
        const lost = answers.lost.splice(0);
        answers.recovered += lost.length;
        return Promise.resolve(lost);
      },
    },
    clock,
    random: systemRandom,
    log: silentLogger,
  });
  const beat = async (): Promise<void> => {
    clock.advance(5_000);
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  };
  return { heart, beats, answers, beat };
};

t.test('it beats, settles what others left, and says goodbye', async (t) => {
  const { heart, beats, answers, beat } = setUp();
  await heart.start();
  const id = heart.nodeId;
  answers.lost.push('task_1');
  await beat();
  await beat();
  t.same(beats, [id, id, id]);
  t.equal(answers.recovered, 1);
  await heart.stop();
  t.equal(answers.left, id);
  await beat();
  t.equal(beats.length, 3);
});

t.test('taken for dead, it goes on under a new id', async (t) => {
  const { heart, beats, answers, beat } = setUp();
  await heart.start();
  const id = heart.nodeId;
  answers.beat = (given) => Promise.resolve(given !== id);
  await beat();
  t.not(heart.nodeId, id);
  t.equal(beats.at(-1), heart.nodeId);
  await heart.stop();
});

t.test('a store that is away is tried again, and refused at the start', async (t) => {
  const { heart, beats, answers, beat } = setUp();
  answers.beat = () => Promise.reject(new Error('away'));
  await t.rejects(heart.start(), /away/);
  answers.beat = () => Promise.resolve(true);
  await heart.start();
  answers.beat = () => Promise.reject(new Error('away'));
  await beat();
  answers.beat = () => Promise.resolve(true);
  await beat();
  t.equal(new Set(beats).size, 1);
  t.equal(beats.length, 4);
  await heart.stop();
});
