import t from 'tap';
import { hanziDigits, hanziNumber } from '../../../../src/dialogue/slots/number-words-zh.js';
import { normalizeChinese } from '../../../../src/workers/mouth/text/zh/normalize.js';
import { codeFigures, quantity } from '../../../../src/workers/mouth/text/zh/numerals.js';
import { growth, isLinear } from '../../../support/growth.js';
import fc from '../../../support/property.js';

/** Each table: what is written > what is said. */
const TABLES: Record<string, [written: string, said: string][]> = {
  money: [
    ['¥1,234.50', '一千两百三十四元五角'],
    ['￥12.05', '十二元零五分'],
    ['0.05元', '五分'],
    ['2元', '两元'],
    ['2.22元', '两元两角二分'],
    ['12.5块', '十二块五'],
    ['20-30元', '二十到三十元'],
    ['3.5万元', '三点五万元'],
    ['人民币200元', '人民币两百元'],
    ['$9.99', '九点九九美元'],
    ['-50元', '负五十元'],
    ['满500元减50', '满五百元减五十'],
  ],
  dates: [
    ['2026年11月22日', '二零二六年十一月二十二日'],
    ['2026-02-02', '二零二六年二月二日'],
    ['2026/3/8', '二零二六年三月八日'],
    ['1998年', '一九九八年'],
    ['200年前', '两百年前'],
    ['20世纪90年代', '二十世纪九十年代'],
    ['11月3-5日', '十一月三到五日'],
    ['11月3日至12日', '十一月三到十二日'],
    ['2月2号', '二月二号'],
    ['2个月', '两个月'],
    ['12/25', '十二月二十五日'],
    ['周5和星期3', '周五和星期三'],
  ],
  times: [
    ['15:30', '下午三点半'],
    ['下午3:05', '下午三点零五分'],
    ['9:00-18:00', '九点到晚上六点'],
    ['14:00~16:00', '下午两点到四点'],
    ['晚上20:15', '晚上八点十五分'],
    ['0:30', '零点三十分'],
    ['2点', '两点'],
    ['10点5分', '十点零五分'],
    ['2分2秒', '两分两秒'],
  ],
  phones: [
    ['13812345678', '幺三八,幺二三四,五六七八'],
    ['138-1234-5678', '幺三八,幺二三四,五六七八'],
    ['+86 138 1234 5678', '加八六,幺三八,幺二三四,五六七八'],
    ['010-88886666转8012', '零幺零,八八八八,六六六六转八零幺二'],
    ['400-800-1234', '四零零,八零零,幺二三四'],
    ['请拨打95588', '请拨打九五五八八'],
    ['打110或120', '打幺幺零或幺二零'],
    ['10086元', '一万零八十六元'],
  ],
  codes: [
    ['验证码是012345', '验证码是零幺二,三四五'],
    ['尾号1234的卡', '尾号幺二三四的卡'],
    ['订单号A1203', '订单号 A 幺二零三'],
    ['6222 0212 3456 7890', '六二二二,零二幺二,三四五六,七八九零'],
    ['1208室', '幺二零八室'],
    ['G1234次列车', 'G 幺二三四次列车'],
    ['请按1,返回请按#', '请按一,返回请按井号'],
    ['订单有3件', '订单有三件'],
  ],
  numbers: [
    ['2个人', '两个人'],
    ['12个', '十二个'],
    ['第2次', '第二次'],
    ['2%', '百分之二'],
    ['-3%', '负百分之三'],
    ['5%-10%', '百分之五到百分之十'],
    ['1/3', '三分之一'],
    ['3.14', '三点一四'],
    ['-3.5', '负三点五'],
    ['比分3:2', '比分三比二'],
    ['-5°C到10℃', '零下五度到十度'],
    ['100km/h', '每小时一百公里'],
    ['5-10kg', '五到十公斤'],
    ['3~5天', '三到五天'],
    ['10001', '一万零一'],
    ['2号楼2单元', '二号楼二单元'],
    ['v1.2.3', 'v一点二点三'],
  ],
  marks: [
    ['您好!!请问……是《新闻》(晚间)吗？', '您好!请问.是新闻,晚间,吗?'],
    ['您 好 ， 再 见 。', '您好,再见.'],
    ['<b>重要</b>**通知**🎉', '重要通知'],
    ['联系a.b@qq.com', '联系a点b 艾特 qq点com'],
    ['🎉', ''],
  ],
};

for (const [name, table] of Object.entries(TABLES)) {
  t.test(`Chinese ${name} are read as people read them`, async (t) => {
    for (const [written, said] of table) t.equal(normalizeChinese(written), said, written);
  });
}

t.test('numbers are worded as the dialogue words them', async (t) => {
  for (const value of [0, 1, 2, 10, 12, 20, 22, 100, 101, 110, 112, 200, 202, 222, 1000, 1001, 1010, 2000, 2222, 9999, 10_000, 10_001, 10_010, 20_000, 22_222, 100_000, 100_001, 120_000, 1_000_000, 20_000_000, 100_000_000, 102_030_405, 200_000_000, -7, 3.5, 0.25]) {
    t.equal(quantity(String(value)), hanziNumber(value), String(value));
  }
  for (const digits of ['13812345678', '0', '95588', '2211']) t.equal(codeFigures(digits), hanziDigits(digits));
});

t.test('whatever comes in: only characters, Latin words and marks come out, in bounded time', async (t) => {
  const piece = fc.constantFrom('2', '0', '9', '.', ',', '-', ':', '/', '%', '元', '¥', '年', '月', '点', '个', '转', '订单号', '按', 'A', 'km', '@', ' ', '到', '\u0000', '🎉', '（', '”', '+', '1'.repeat(40));
  fc.assert(fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => /^[\p{Script=Han}A-Za-z' .,;:!?]*$/u.test(normalizeChinese(pieces.join('')))), { numRuns: 500, seed: 7 });
  for (const hard of ['1'.repeat(1000), '1-'.repeat(500), '1.'.repeat(500), '1:'.repeat(500), '号'.repeat(1000), '订单号'.repeat(300), '1 '.repeat(500), 'a.'.repeat(500)]) {
    const factor = growth(() => void normalizeChinese(hard.slice(0, hard.length / 2)), () => void normalizeChinese(hard));
    t.ok(isLinear(factor), `${hard.slice(0, 6)}: ${factor.toFixed(1)} times as long for twice the length`);
  }
});
