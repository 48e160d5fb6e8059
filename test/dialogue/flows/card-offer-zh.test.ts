import { readFileSync } from 'node:fs';
import t from 'tap';
import type { Verdict } from '../../../src/store/store.js';
import { checkFlow } from '../../../src/dialogue/flow/compile.js';
import { compile, hangUp, hold } from '../talk.js';

const source = readFileSync(new URL('../../../examples/flows/card-offer.zh.yaml', import.meta.url), 'utf8');
const flow = compile(source);

interface Case {
  readonly lines: readonly string[];
  readonly nodes: string;
  readonly verdict: Verdict | undefined;
}

const end = (reason: string): Verdict => ({ kind: 'end', reason });
const table: Record<string, Case> = {
  同意: { lines: ['好的', '可以', '行'], nodes: 'offer consent sent', verdict: { kind: 'follow_up', channel: 'email', template: 'card-application', reason: 'customer asked for the application' } },
  拒绝: { lines: ['不用了谢谢'], nodes: 'no_thanks', verdict: end('not interested') },
  先问再答应: { lines: ['你是谁啊', '是机器人吗', '年费多少', '好的', '好的发吧', '可以'], nodes: 'may_i may_i may_i offer consent sent', verdict: { kind: 'follow_up', channel: 'email', template: 'card-application', reason: 'customer asked for the application' } },
  边答应边问: { lines: ['可以，不过年费多少钱？', '不需要'], nodes: 'offer no_thanks', verdict: end('not interested') },
  改天再打: { lines: ['我在开会', '明天下午三点', '对'], nodes: 'ask_time ask_time called_back', verdict: { kind: 'redial_at', at: '2026-11-24T20:00:00Z', reason: 'customer was busy' } },
  改时间: { lines: ['我在开会', '下周二上午十点', '不对，是十点半', '对的'], nodes: 'ask_time ask_time ask_time called_back', verdict: { kind: 'redial_at', at: '2026-12-01T15:30:00Z', reason: 'customer was busy' } },
  星期天不打: { lines: ['我在开会', '这个星期天上午十点', '对'], nodes: 'ask_time ask_time called_back', verdict: { kind: 'redial_at', at: '2026-11-30T14:00:00Z', reason: 'customer was busy' } },
  别再打: { lines: ['别再打了'], nodes: 'may_i', verdict: end('do_not_call') },
  打错: { lines: ['打错了'], nodes: 'may_i', verdict: end('wrong_number') },
  生气: { lines: ['有完没完，天天打，烦死了', '对'], nodes: 'apologise stopped', verdict: end('do_not_call') },
  转人工: { lines: ['转人工'], nodes: 'to_person', verdict: { kind: 'handoff', queue: 'card-sales', reason: 'customer wants to talk to a person' } },
  不出声: { lines: ['', '', ''], nodes: 'may_i may_i give_up', verdict: { kind: 'handoff', queue: 'card-sales', reason: 'the assistant did not understand the customer' } },
  已经有了: { lines: ['我已经有了'], nodes: 'no_thanks', verdict: end('not interested') },
  要重复: { lines: ['能再说一遍吗', '说慢一点'], nodes: 'may_i may_i', verdict: undefined },
};

t.test('the flow has no problem', (t) => (t.same(checkFlow(source), []), t.end()));

for (const [name, { lines, nodes, verdict }] of Object.entries(table)) {
  t.test(name, (t) => {
    const held = hold(flow, { name: '王女士' }, lines);
    t.equal(held.nodes, nodes, held.trace.join('\n'));
    t.same(held.verdict, verdict);
    t.end();
  });
}

t.test('时间按中文念回', (t) => {
  const held = hold(flow, { name: '王女士' }, ['我在开会', '下周二上午十点半']);
  t.equal(held.said.at(-1), '那我十二月一号，星期二上午十点半再打给您，可以吗？');
  t.equal(held.said[0], '王女士，您好，我是北风银行的智能语音助手。');
  t.end();
});

t.test('先说清收费和利息，再问同不同意', (t) => {
  const { said } = hold(flow, { name: '王女士' }, ['好的', '可以']);
  t.match(said.at(-2), /首年免年费，之后每年六十元。年利率是百分之十八点九/);
  t.equal(said.at(-1), '发到您留给我们的邮箱可以吗？');
  t.end();
});

t.test('说改天再打，没定时间就挂，也会再打', (t) => {
  t.same(hangUp(flow, { name: '王女士' }, ['嗯嗯什么', '我在开会', '明天下午三点']), { kind: 'redial_at', at: '2026-11-24T15:20:00Z', reason: 'customer was busy' });
  t.end();
});
