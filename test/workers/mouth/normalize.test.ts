import t from 'tap';
import { normalizeEnglish } from '../../../src/workers/mouth/text/normalize.js';

/** Each table: what is written > what is said. */
const TABLES: Record<string, [written: string, said: string][]> = {
  money: [
    ['Your balance is $1,234.50.', 'Your balance is one thousand two hundred thirty-four dollars and fifty cents.'],
    ['$5', 'five dollars'],
    ['$1', 'one dollar'],
    ['$1.01', 'one dollar and one cent'],
    ['$0.99', 'ninety-nine cents'],
    ['$12.5', 'twelve dollars and fifty cents'],
    ['$100.00', 'one hundred dollars'],
    ['€20', 'twenty euros'],
    ['20€', 'twenty euros'],
    ['€1', 'one euro'],
    ['£3.50', 'three pounds and fifty pence'],
    ['£0.01', 'one penny'],
    ['¥1,500', 'one thousand five hundred yen'],
    ['12.50 EUR', 'twelve euros and fifty cents'],
    ['USD 40', 'forty dollars'],
    ['$1.2M', 'one point two million dollars'],
    ['$3 billion', 'three billion dollars'],
    ['-$5', 'minus five dollars'],
    ['$5-10', 'five dollars to ten dollars'],
    ['50¢', 'fifty cents'],
    ['$0.125', 'zero point one two five dollars'],
    ['It costs $9.99/month', 'It costs nine dollars and ninety-nine cents per month'],
  ],
  numbers: [
    ['0', 'zero'],
    ['7 apples', 'seven apples'],
    ['15', 'fifteen'],
    ['42', 'forty-two'],
    ['100', 'one hundred'],
    ['101', 'one hundred one'],
    ['1,000', 'one thousand'],
    ['12,345', 'twelve thousand three hundred forty-five'],
    ['1,000,000', 'one million'],
    ['1234', 'one thousand two hundred thirty-four'],
    ['3.14', 'three point one four'],
    ['.5', 'zero point five'],
    ['-4', 'minus four'],
    ['3-5 days', 'three to five days'],
    ['1/2', 'one half'],
    ['2 1/2 hours', 'two and a half hours'],
    ['½ price', 'one half price'],
    ['7/10', 'seven out of ten'],
    ['24/7', 'twenty-four seven'],
    ['2x4', 'two by four'],
    ['version 1.2.3', 'version one dot two dot three'],
    ['007', 'zero zero seven'],
  ],
  percentages: [
    ['5%', 'five percent'],
    ['12.5%', 'twelve point five percent'],
    ['1 %', 'one percent'],
    ['10-15%', 'ten to fifteen percent'],
    ['-3%', 'minus three percent'],
  ],
  ordinals: [
    ['1st', 'first'],
    ['the 2nd floor', 'the second floor'],
    ['3rd', 'third'],
    ['12th', 'twelfth'],
    ['20th', 'twentieth'],
    ['21st', 'twenty-first'],
    ['100th', 'one hundredth'],
  ],
  dates: [
    ['2026-11-22', 'November twenty-second, twenty twenty-six'],
    ['11/22/2026', 'November twenty-second, twenty twenty-six'],
    ['22/11/2026', 'November twenty-second, twenty twenty-six'],
    ['1/5/26', 'January fifth, twenty twenty-six'],
    ['Nov 22', 'November twenty-second'],
    ['Nov. 22, 2026', 'November twenty-second, twenty twenty-six'],
    ['March 1st', 'March first'],
    ['5 May 2005', 'May fifth, two thousand five'],
    ['the 3rd of June', 'the June third'],
    ['on Mon, Dec 1', 'on Monday, December first'],
    ['in 1984', 'in nineteen eighty-four'],
    ['since 2000', 'since two thousand'],
    ['1999-12-31', 'December thirty-first, nineteen ninety-nine'],
    ['22.11.2026', 'November twenty-second, twenty twenty-six'],
    ['2026-11-22T14:30', 'November twenty-second, twenty twenty-six, at two thirty P M'],
  ],
  times: [
    ['14:30', 'two thirty P M'],
    ['2:30 pm', 'two thirty P M'],
    ['2pm', 'two P M'],
    ['at 9 a.m. tomorrow', 'at nine A M tomorrow'],
    ['Come at 9 a.m. Bring a pen.', 'Come at nine A M. Bring a pen.'],
    ['09:05', 'nine oh five A M'],
    ['2:00', "two o'clock"],
    ['00:15', 'twelve fifteen A M'],
    ['10:30 AM', 'ten thirty A M'],
    ['9-11 am', 'nine to eleven A M'],
    ['Call me at 7:45.', 'Call me at seven forty-five.'],
  ],
  phones: [
    ['+1 415 555 0100', 'plus one, four one five, five five five, zero one zero zero'],
    ['+14155550100', 'plus one, four one five, five five five, zero one zero zero'],
    ['(415) 555-0100', 'four one five, five five five, zero one zero zero'],
    ['415-555-0100', 'four one five, five five five, zero one zero zero'],
    ['1-800-555-0100', 'one, eight zero zero, five five five, zero one zero zero'],
    ['555-0100', 'five five five, zero one zero zero'],
    ['+44 20 7946 0018', 'plus four four, two zero, seven nine four six, zero zero one eight'],
    ['020 7946 0018', 'zero two zero, seven nine four six, zero zero one eight'],
    ['ext. 12', 'extension one two'],
  ],
  codes: [
    ['account 12345678', 'account one two three four, five six seven eight'],
    ['ending in 4321', 'ending in four three two one'],
    ['Your PIN is 2580', 'Your PIN is two five eight zero'],
    ['order #98765', 'order number nine eight seven six five'],
    ['4111 1111 1111 1111', 'four one one one, one one one one, one one one one, one one one one'],
    ['confirmation code AB12', 'confirmation code A B one two'],
    ['ZX-4471', 'Z X, four four seven one'],
    ['100200300', 'one zero zero, two zero zero, three zero zero'],
  ],
  units: [
    ['5 kg', 'five kilograms'],
    ['1 kg', 'one kilogram'],
    ['1.5 km', 'one point five kilometers'],
    ['20°C', 'twenty degrees Celsius'],
    ['-3 °F', 'minus three degrees Fahrenheit'],
    ['100Mbps', 'one hundred megabits per second'],
    ['60 mph', 'sixty miles per hour'],
    ['5-10 km', 'five to ten kilometers'],
    ['30 min', 'thirty minutes'],
    ['16 GB', 'sixteen gigabytes'],
    ['1,200 sq ft', 'one thousand two hundred square feet'],
  ],
  abbreviations: [
    ['Mr. Smith', 'Mister Smith'],
    ['Mrs. Jones and Dr. Lee', 'Missus Jones and Doctor Lee'],
    ['St. John', 'Saint John'],
    ['12 Main St.', 'twelve Main Street.'],
    ['221 Oak Ave. Ring the bell.', 'two hundred twenty-one Oak Avenue. Ring the bell.'],
    ['No. 5', 'number five'],
    ['tea, coffee, etc.', 'tea, coffee, et cetera.'],
    ['e.g. this', 'for example this'],
    ['Acme Inc. called', 'Acme Incorporated called'],
    ['R&D', 'R and D'],
    ['the U.S. office', 'the U S office'],
  ],
  addresses: [
    ['info@example.com', 'info at example dot com'],
    ['https://www.example.com/prices', 'example dot com slash prices'],
    ['Visit example.com.', 'Visit example dot com.'],
    ['john.doe_7@mail.example.co.uk', 'john dot doe underscore seven at mail dot example dot co dot U K'],
    ['http://example.org/?id=5', 'example dot org'],
  ],
  markup: [
    ['Hello <b>there</b>!', 'Hello there!'],
    ['**Great** news 🎉', 'Great news'],
    ['<speak>Hi</speak>', 'Hi'],
    ['[our site](https://example.com)', 'our site'],
    ['Thanks 👍🏽 bye', 'Thanks bye'],
    ['Wait… what?!', 'Wait. what?'],
    ['“Quoted” text', 'Quoted text'],
    ["Don’t", "Don't"],
    ['one — two', 'one, two'],
    ['AT&amp;T', 'AT and T'],
    ['yes/no', 'yes or no'],
    ['', ''],
    ['🎉', ''],
    ['...', ''],
  ],
};

for (const [name, table] of Object.entries(TABLES)) {
  t.test(`what is written as ${name} is read as people say it`, async (t) => {
    for (const [written, said] of table) t.equal(normalizeEnglish(written, 'en-US'), said, written);
  });
}

t.test('outside the United States the day comes first', async (t) => {
  t.equal(normalizeEnglish('3/4/2026', 'en-GB'), 'April third, twenty twenty-six');
  t.equal(normalizeEnglish('3/4/2026', 'en-US'), 'March fourth, twenty twenty-six');
  t.equal(normalizeEnglish('3/14/2026', 'en-GB'), 'March fourteenth, twenty twenty-six', 'an impossible month gives the order away');
});

t.test('whatever comes in, no digit and no sign goes to the voice', async (t) => {
  const hostile = ['1'.repeat(1000), '$'.repeat(1000), '1-'.repeat(500), '<'.repeat(1000), '1.1.1.1.1.1', '5:99', '99:99', '31/31/2026', '2026-99-99', '$1,23,4', '(((((', 'a@b@c.d', '+1+2+3', '\u0000\u202e12', '1e9', '[x]('.repeat(200), '*a'.repeat(400), 'a.'.repeat(500), '1 2 '.repeat(250), '٣٤'];
  for (const text of hostile) {
    const said = normalizeEnglish(text, 'en-US');
    t.notMatch(said, /[^\p{L}\p{M}\p{N}\s.,;:!?'-]/u, `${text.slice(0, 12)} holds only what a voice reads`);
    t.notMatch(said, /[0-9]/, `${text.slice(0, 12)} holds no digits`);
  }
});
