import t from 'tap';
import { PostDial } from '../../src/call/post-dial.js';

t.test('the first that says something of the callee ends the post-dial delay', async (t) => {
  const times = new PostDial();
  t.same(times.times, {});
  times.invited(1_000);
  times.progress(1_400.4, false);
  times.progress(2_000, true);
  times.progress(2_500, true);
  times.answered(6_000);
  t.same(times.times, { pddMs: 400, earlyMediaMs: 4_000 });
});

t.test('an answer without ringing counts, a refusal without ringing does not', async (t) => {
  const answered = new PostDial();
  answered.invited(0);
  answered.answered(70);
  t.same(answered.times, { pddMs: 70 });
  const refused = new PostDial();
  refused.invited(0);
  refused.over(70);
  t.same(refused.times, {});
});

t.test('the next INVITE begins anew', async (t) => {
  const times = new PostDial();
  times.invited(0);
  times.progress(100, true);
  times.over(5_000);
  times.invited(6_000);
  t.same(times.times, {});
  times.answered(6_030);
  t.same(times.times, { pddMs: 30 });
});
