import t from 'tap';
import { parseNumber } from '../../../src/outbound/contacts/phone.js';
import { isTimeZone } from '../../../src/kernel/time-zone.js';
import { candidateZones, zonesOfAddress, zonesOfContact, zonesOfNumber } from '../../../src/outbound/contacts/zones.js';

t.test('numbers as people and spreadsheets write them', async (t) => {
  const rows: readonly (readonly [text: string, country: string | undefined, expected: string])[] = [
    ['13812345678', 'CN', '+8613812345678 mobile CN'],
    ['+86 138-1234-5678', undefined, '+8613812345678 mobile CN'],
    ['8613812345678', 'CN', '+8613812345678 mobile CN'],
    ['0086 13812345678', 'CN', '+8613812345678 mobile CN'],
    ['１３８１２３４５６７８', 'CN', '+8613812345678 mobile CN'],
    ["'13812345678", 'CN', '+8613812345678 mobile CN'],
    ['="13812345678"', 'CN', '+8613812345678 mobile CN'],
    ['8613812345678.0', 'CN', '+8613812345678 mobile CN'],
    ['(021) 6123 4567', 'CN', '+862161234567 fixed CN'],
    ['tel:+14155550100', undefined, '+14155550100 fixed_or_mobile US'],
    ['020 7946 0123', 'GB', '+442079460123 fixed GB'],
    ['8.61391E+12', 'CN', 'number_mangled'],
    ['8,61391e+12', 'CN', 'number_mangled'],
    ['1.38123E+10', undefined, 'number_mangled'],
    ['8613812345678', undefined, 'number_no_country'],
    ['+14155550100 ext 12', undefined, 'number_extension'],
    ['1-800-FLOWERS', 'US', 'number_invalid'],
    ['+1 415 555 010', undefined, 'number_invalid'],
    ['12345', 'CN', 'number_invalid'],
    ['call me', 'CN', 'number_invalid'],
    ['9'.repeat(200), 'CN', 'number_invalid'],
    ['  ', 'CN', 'number_missing'],
  ];
  for (const [text, country, expected] of rows) {
    const parsed = parseNumber(text, country);
    t.equal(typeof parsed === 'string' ? parsed : `${parsed.number} ${parsed.kind} ${parsed.country}`, expected, text.slice(0, 40));
  }
});

t.test('zones of numbers and addresses', async (t) => {
  t.same(zonesOfNumber('+8613812345678'), ['Asia/Shanghai']);
  t.same(zonesOfNumber('+14155550100'), ['America/Los_Angeles']);
  t.ok(zonesOfNumber('+18005550100').length > 5, 'a toll-free number may be anywhere');
  t.ok([...zonesOfNumber('+18005550100'), ...zonesOfNumber('+61412345678')].every(isTimeZone), 'the table names zones that exist');
  t.same(zonesOfAddress({ country: 'CN', region: '新疆' }), ['Asia/Shanghai'], 'one time by law');
  t.same(zonesOfAddress({ country: 'US', region: 'texas' }), ['America/Chicago', 'America/Denver']);
  t.same(zonesOfAddress({ country: 'US', region: 'US-NY' }), ['America/New_York']);
  t.ok(zonesOfAddress({ country: 'US', region: 'nowhere' }).length > 5, 'a state that is not known leaves all');
  t.same(zonesOfAddress({ country: 'DE' }), ['Europe/Berlin', 'Europe/Zurich'].filter((zone) => zonesOfAddress({ country: 'DE' }).includes(zone)));
});

t.test('the stricter window: every zone that is not ruled out', async (t) => {
  t.same(candidateZones('+14155550100', { country: 'US', region: 'NY' }), ['America/New_York', 'America/Los_Angeles'], 'number and address contradict each other: both');
  t.same(candidateZones('+18005550100', { country: 'US', region: 'NY' }), ['America/New_York'], 'the number leaves it open, the address tells');
  t.same(candidateZones('+13125550100', { country: 'US', region: 'TX' }), ['America/Chicago'], 'the state has two, the number is in one of them');
  t.same(candidateZones('+14155550100', {}), ['America/Los_Angeles']);
  t.same(candidateZones('+79161234567', {}, ['Europe/Moscow']), ['Europe/Moscow']);
  t.same(candidateZones('+8613812345678', {}, ['Europe/Paris']), ['Europe/Paris', 'Asia/Shanghai']);
  t.same(candidateZones('+13125550100', { country: 'US', region: 'TX' }, ['America/Chicago']), ['America/Chicago'], 'what was told narrows the address');
  t.same(candidateZones('+12125550100', { country: 'US', region: 'CA' }, ['America/New_York']), ['America/New_York', 'America/Los_Angeles'], 'unless it is elsewhere');
  t.same(candidateZones('+18005550100', { country: 'US' }, ['US/Eastern']), ['US/Eastern'], 'by whatever name');
  t.same(candidateZones(undefined, { country: 'CN' }), ['Asia/Shanghai'], 'without a number');
});

t.test('zones of a contact as it is', async (t) => {
  const of = (number: string, address: object, timeZones: readonly string[] = []) => zonesOfContact({ numbers: [{ number, kind: 'mobile', country: 'US', label: undefined }], address, timeZones });
  t.same(of('+12125550100', {}), ['America/New_York']);
  t.same(of('+12125550100', { country: 'US', region: 'CA' }), ['America/Los_Angeles', 'America/New_York']);
  t.same(of('+12125550100', { region: 'California' }), ['America/Los_Angeles', 'America/New_York'], 'a state alone is one of the country of the number');
  t.same(of('+12125550100', {}, ['Europe/Paris']), ['Europe/Paris', 'America/New_York']);
});
