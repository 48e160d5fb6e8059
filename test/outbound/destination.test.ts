import t from 'tap';
import { parseDestination } from '../../src/outbound/destination.js';
import fc from '../support/property.js';

const accepted: [string, string][] = [
  ['+14155552671', '+14155552671'],
  ['+1 (415) 555-2671', '+14155552671'],
  ['+86 138 0013 8000', '+8613800138000'],
  ['+442079460018', '+442079460018'],
  ['tel:+1-415-555-2671', '+14155552671'],
  ['sip:someone@127.0.0.1:5070', 'sip:someone@127.0.0.1:5070'],
  ['SIP:someone@127.0.0.1', 'sip:someone@127.0.0.1'],
  ['sips:alice@example.com', 'sips:alice@example.com'],
  ['sip:example.com', 'sip:example.com'],
  ['sip:+14155552671@gateway.example.com;user=phone', 'sip:+14155552671@gateway.example.com;user=phone'],
  ['sip:a@[2001:db8::1]:5060;transport=tcp', 'sip:a@[2001:db8::1]:5060;transport=tcp'],
  ['sip:a%20b;x=1@h', 'sip:a%20b;x=1@h'],
];

t.test('accepted', async (t) => {
  for (const [given, stored] of accepted) {
    t.equal(parseDestination(given, 'to'), stored, given);
    t.equal(parseDestination(stored, 'to'), stored, 'what is stored is accepted again');
  }
});

t.test('refused', async (t) => {
  const refused = [
    '', '5', '14155552671', '0049301234567', '+1', '+0123456789', '+1415555', '+999123456789', '+14155552671 ext 5', '+1415555267١', 'tel:14155552671', 'tel:+14155552671;ext=5', 'tel:863-1234;phone-context=+1-914-555',
    'sip:', 'sip:@host', 'sip:a@', 'sip:a b@host', 'sip:a@host:0', 'sip:a@host:65536', 'sip:a@host:', 'sip:a@-host', 'sip:a@ho_st', 'sip:a@256.1.1.1', 'sip:a@1.2.3',
    'sip:a@[::1', 'sip:a@[1:2]', 'sip:a:secret@host', 'sip:a@host?Subject=x', 'sip:a@host;maddr=evil', 'sip:a@host;method=BYE', 'sip:a@host;transport=ws', 'sip:a@host;transport=udp;transport=tcp',
    'sip:a@host\r\nX: y', 'sip:a%0d%0aX@host', 'sip:a%00@host', 'sip:a%zz@host', '<sip:a@host>', 'sip:a@host>', 'sip:ü@host', `sip:${'a'.repeat(300)}@host`, 'http://host',
  ];
  for (const text of refused) t.throws(() => parseDestination(text, 'tasks[3].to'), { code: 'TRK_NUMBER_INVALID', field: 'tasks[3].to', status: 422 }, JSON.stringify(text));
});

t.test('whatever is accepted can stand in a request line', async (t) => {
  const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.stringMatching(/^sips?:[ -~]{0,40}$/), fc.stringMatching(/^\+[\d ().-]{0,20}$/));
  fc.assert(
    fc.property(text, (given) => {
      let stored: string;
      try {
        stored = parseDestination(given, 'to');
      } catch (error) {
        return (error as { code?: string }).code === 'TRK_NUMBER_INVALID';
      }
      return /^[!-~]+$/.test(stored) && !/[<>"]/.test(stored) && parseDestination(stored, 'to') === stored;
    }),
    { numRuns: 2000 },
  );
  t.pass('2,000 texts');
});
