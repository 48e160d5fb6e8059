/**
 * Zones of the states and provinces of countries with several, by the second half of
 * ISO 3166-2; names as people write them lead to the code. A state that two zones share has
 * both: calling hours must hold in each. From the tz database, 2026.
 */
type Regions = Readonly<Record<string, readonly [names: string, zones: string]>>;

const E = 'America/New_York';
const C = 'America/Chicago';
const M = 'America/Denver';
const P = 'America/Los_Angeles';

const US: Regions = {
  AL: ['alabama', C], AK: ['alaska', 'America/Anchorage America/Adak'], AZ: ['arizona', 'America/Phoenix America/Denver'], AR: ['arkansas', C],
  CA: ['california', P], CO: ['colorado', M], CT: ['connecticut', E], DE: ['delaware', E], DC: ['district of columbia|washington dc', E],
  FL: ['florida', `${E} ${C}`], GA: ['georgia', E], HI: ['hawaii', 'Pacific/Honolulu'], ID: ['idaho', `America/Boise ${P}`], IL: ['illinois', C],
  IN: ['indiana', `America/Indiana/Indianapolis ${C}`], IA: ['iowa', C], KS: ['kansas', `${C} ${M}`], KY: ['kentucky', `${E} ${C}`], LA: ['louisiana', C],
  ME: ['maine', E], MD: ['maryland', E], MA: ['massachusetts', E], MI: ['michigan', `America/Detroit ${C}`], MN: ['minnesota', C], MS: ['mississippi', C],
  MO: ['missouri', C], MT: ['montana', M], NE: ['nebraska', `${C} ${M}`], NV: ['nevada', `${P} America/Boise`], NH: ['new hampshire', E], NJ: ['new jersey', E],
  NM: ['new mexico', M], NY: ['new york', E], NC: ['north carolina', E], ND: ['north dakota', `${C} ${M}`], OH: ['ohio', E], OK: ['oklahoma', C],
  OR: ['oregon', `${P} America/Boise`], PA: ['pennsylvania', E], PR: ['puerto rico', 'America/Puerto_Rico'], RI: ['rhode island', E], SC: ['south carolina', E],
  SD: ['south dakota', `${C} ${M}`], TN: ['tennessee', `${E} ${C}`], TX: ['texas', `${C} ${M}`], UT: ['utah', M], VT: ['vermont', E], VA: ['virginia', E],
  WA: ['washington', P], WV: ['west virginia', E], WI: ['wisconsin', C], WY: ['wyoming', M],
};

const CA: Regions = {
  AB: ['alberta', 'America/Edmonton'], BC: ['british columbia', 'America/Vancouver America/Edmonton'], MB: ['manitoba', 'America/Winnipeg'],
  NB: ['new brunswick', 'America/Moncton'], NL: ['newfoundland and labrador|newfoundland', 'America/St_Johns America/Halifax'],
  NS: ['nova scotia', 'America/Halifax'], NT: ['northwest territories', 'America/Yellowknife'], NU: ['nunavut', 'America/Iqaluit America/Winnipeg America/Edmonton'],
  ON: ['ontario', 'America/Toronto America/Winnipeg'], PE: ['prince edward island', 'America/Halifax'], QC: ['quebec|québec', 'America/Toronto America/Halifax'],
  SK: ['saskatchewan', 'America/Regina'], YT: ['yukon', 'America/Whitehorse'],
};

const AU: Regions = {
  ACT: ['australian capital territory', 'Australia/Sydney'], NSW: ['new south wales', 'Australia/Sydney Australia/Adelaide'], NT: ['northern territory', 'Australia/Darwin'],
  QLD: ['queensland', 'Australia/Brisbane'], SA: ['south australia', 'Australia/Adelaide'], TAS: ['tasmania', 'Australia/Hobart'],
  VIC: ['victoria', 'Australia/Melbourne'], WA: ['western australia', 'Australia/Perth'],
};

const BR: Regions = {
  AC: ['acre', 'America/Rio_Branco'], AM: ['amazonas', 'America/Manaus America/Rio_Branco'], MT: ['mato grosso', 'America/Cuiaba'], MS: ['mato grosso do sul', 'America/Campo_Grande'],
  PE: ['pernambuco', 'America/Recife America/Noronha'], RO: ['rondônia|rondonia', 'America/Porto_Velho'], RR: ['roraima', 'America/Boa_Vista'],
  SP: ['são paulo|sao paulo', 'America/Sao_Paulo'], RJ: ['rio de janeiro', 'America/Sao_Paulo'], MG: ['minas gerais', 'America/Sao_Paulo'], DF: ['distrito federal', 'America/Sao_Paulo'],
};

const MX: Regions = {
  BCN: ['baja california', 'America/Tijuana'], BCS: ['baja california sur', 'America/Mazatlan'], CHH: ['chihuahua', 'America/Chihuahua America/Ciudad_Juarez America/Ojinaga'],
  CMX: ['ciudad de méxico|ciudad de mexico|mexico city', 'America/Mexico_City'], JAL: ['jalisco', 'America/Mexico_City'], NLE: ['nuevo león|nuevo leon', 'America/Monterrey'],
  ROO: ['quintana roo', 'America/Cancun'], SIN: ['sinaloa', 'America/Mazatlan'], SON: ['sonora', 'America/Hermosillo'],
};

const countries: Readonly<Record<string, Regions>> = { US, CA, AU, BR, MX };

/** Code of a state that is written out, or a code as it is; undefined where the table knows none. */
export function regionCode(country: string, region: string): string | undefined {
  const regions = countries[country];
  if (regions === undefined) return undefined;
  const code = region.trim().toUpperCase().replace(`${country}-`, '');
  if (Object.hasOwn(regions, code)) return code;
  const name = region.trim().toLowerCase();
  return Object.keys(regions).find((key) => regions[key]![0].split('|').includes(name));
}

export function zonesOfRegion(country: string, region: string): readonly string[] | undefined {
  const code = regionCode(country, region);
  return code === undefined ? undefined : countries[country]?.[code]?.[1].split(' ');
}
