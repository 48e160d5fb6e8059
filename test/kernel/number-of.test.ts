import t from 'tap';
import { numberOf, readingsOf } from '../../src/kernel/number-of.js';

const NUMBER = '+12125550100';

t.test('one number, however it is written', async (t) => {
  const same = [
    NUMBER, `sip:${NUMBER}@carrier.example`, `sips:${NUMBER}@carrier.example:5061;transport=tls;user=phone`, `SIP:${NUMBER}@10.0.0.1`, `sip:${NUMBER};npdi@carrier.example;user=phone`,
    'sip:+1-212-555-0100@carrier.example', 'sip:+1(212)555.0100@[2001:db8::1]', 'sip:%2B12125550100@carrier.example', 'sip:+1%32125550100@carrier.example', `sip:${NUMBER},,1@carrier.example`, `tel:${NUMBER}`, 'TEL:+1-212-555-0100;isub=1',
  ];
  for (const text of same) t.equal(numberOf(text), NUMBER, text);
  t.equal(numberOf('sip:+44(0)2079460018@carrier.example'), '+442079460018', 'a zero that is dialled at home only');
  t.equal(numberOf('sip:+999123456789@carrier.example'), '+999123456789', 'of no country, but a number');
});

t.test('a URI that names no number', async (t) => {
  const none = ['', 'sip:carrier.example', 'sip:someone@carrier.example', 'sip:200@10.0.0.2', 'sip:12125550100@carrier.example', 'sip:12125550100@carrier.example;user=phone', 'sip:+200@10.0.0.2', 'sip:a+12125550100@h', 'sip:carrier.example;x=+12125550100@', 'tel:911;phone-context=+1', 'mailto:+12125550100@h'];
  for (const text of none) t.equal(numberOf(text), undefined, text);
});

t.test('a no is looked for under every reading', async (t) => {
  t.same(readingsOf(NUMBER), [NUMBER]);
  t.same(readingsOf(`sip:${NUMBER}@h`), [NUMBER, `sip:${NUMBER}@h`], 'and under the text, by which older versions kept it');
  t.same(readingsOf('sip:12125550100@h;user=phone'), ['sip:12125550100@h;user=phone', NUMBER], 'digits are a number to some hosts');
  t.same(readingsOf('sip:200@h'), ['sip:200@h'], 'an extension is none');
  t.same(readingsOf('sip:someone@h'), ['sip:someone@h']);
});
