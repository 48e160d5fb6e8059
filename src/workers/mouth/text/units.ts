import type { Rule } from './rule.js';
import { decimal, plural } from './words.js';

/** Symbol > one, many. Case counts: m is metres, M is not. */
const UNITS: Readonly<Record<string, readonly [string, string]>> = {
  '%': ['percent', 'percent'],
  km: ['kilometer', 'kilometers'], m: ['meter', 'meters'], cm: ['centimeter', 'centimeters'], mm: ['millimeter', 'millimeters'],
  mi: ['mile', 'miles'], ft: ['foot', 'feet'], yd: ['yard', 'yards'],
  kg: ['kilogram', 'kilograms'], g: ['gram', 'grams'], mg: ['milligram', 'milligrams'], lb: ['pound', 'pounds'], lbs: ['pound', 'pounds'], oz: ['ounce', 'ounces'],
  l: ['liter', 'liters'], L: ['liter', 'liters'], ml: ['milliliter', 'milliliters'], mL: ['milliliter', 'milliliters'],
  h: ['hour', 'hours'], hr: ['hour', 'hours'], hrs: ['hour', 'hours'], min: ['minute', 'minutes'], mins: ['minute', 'minutes'], sec: ['second', 'seconds'], secs: ['second', 'seconds'], ms: ['millisecond', 'milliseconds'],
  kB: ['kilobyte', 'kilobytes'], KB: ['kilobyte', 'kilobytes'], MB: ['megabyte', 'megabytes'], GB: ['gigabyte', 'gigabytes'], TB: ['terabyte', 'terabytes'],
  'kbit/s': ['kilobit per second', 'kilobits per second'], Mbps: ['megabit per second', 'megabits per second'], Gbps: ['gigabit per second', 'gigabits per second'],
  mph: ['mile per hour', 'miles per hour'], 'km/h': ['kilometer per hour', 'kilometers per hour'],
  Hz: ['hertz', 'hertz'], kHz: ['kilohertz', 'kilohertz'], MHz: ['megahertz', 'megahertz'], GHz: ['gigahertz', 'gigahertz'],
  W: ['watt', 'watts'], kW: ['kilowatt', 'kilowatts'], kWh: ['kilowatt hour', 'kilowatt hours'], V: ['volt', 'volts'],
  '°C': ['degree Celsius', 'degrees Celsius'], '°F': ['degree Fahrenheit', 'degrees Fahrenheit'], '°': ['degree', 'degrees'],
  'sq ft': ['square foot', 'square feet'], 'sq. ft.': ['square foot', 'square feet'], m2: ['square meter', 'square meters'],
};

const SYMBOLS = Object.keys(UNITS)
  .sort((a, b) => b.length - a.length)
  .map((symbol) => symbol.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'))
  .join('|');

/** `5 kg`, `12.5%`, `-3 °C`, `100Mbps`, and ranges like `5-10 km`. */
export const units: Rule = (text) =>
  text
    // 'NFKC' has turned superscripts into figures and the degree sign with its letter apart.
    .replace(new RegExp(`(\\d)\\s*-\\s*(?=\\d[\\d.,]*\\s?(?:${SYMBOLS})(?![\\w°]))`, 'g'), '$1 to ')
    .replace(new RegExp(`(?<![\\w.,])(-)?(\\d{1,3}(?:,\\d{3})+|\\d+)?(?:\\.(\\d+))?\\s?(${SYMBOLS})(?![\\w°])`, 'g'), (whole: string, minus: string | undefined, count: string | undefined, fraction: string | undefined, symbol: string) => {
      if (count === undefined && fraction === undefined) return whole;
      const digits = (count ?? '0').replaceAll(',', '');
      const [one, many] = UNITS[symbol]!;
      return `${minus ? 'minus ' : ''}${decimal(digits, fraction)} ${fraction === undefined ? plural(digits, one, many) : many}`;
    })
    // Of a range whose end took the unit, the beginning is still a figure; numbers.ts reads it.
    .replace(/(\w)\/(day|week|month|year|hour|minute|night|person)\b/g, '$1 per $2');
