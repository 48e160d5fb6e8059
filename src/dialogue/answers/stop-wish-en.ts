import { normalise } from '../nlu/normalise.js';
import { strongest } from './speaks-of-calls.js';
import type { Around, SpeaksOfCalls } from './speaks-of-calls.js';

const CALLING = '(?:calling|phoning|telephoning|dialling|dialing|ringing|contacting|harassing|bothering|pestering|hassling|spamming)';
const CALL = '(?:call|calling|phone|phoning|telephone|ring|ringing|dial|dialling|dialing|contact|contacting)';
const LINE = '(?:number|phone|telephone|house|household|home|line|landline|mobile|cell|cell phone|mother|mum|mom|father|dad|parents|wife|husband|family|office)';
const CALLED = `(?:me|us|here|back|up|(?:this|my|our) ${LINE}|(?:on (?:this|my|our)|at this) ${LINE}|the (?:house|office))\\b`;
const US = '(?:me|us|here|up|this (?:number|phone|house|home|line)|my (?:number|phone|house|home))\\b';
const LASTING = '(?:again|any ?more|ever|no more|at all|forever|for good|for ever)';
/** What bounds it: "don't call me again before nine" asks for another hour; "today or ever" does not. */
const BOUNDING =
  '(?: (?:today|tonight|tomorrow|now|yet|immediately|right away|straight away|twice|this (?:week|weekend|morning|afternoon|evening|month|early|late)|until|till|til|before|after|unless|between|during|while|when|so (?:early|late|often|much|soon)|just (?:now|before|after|yet)|right now|for (?:now|the moment)|(?:at|on|in)(?! (?:this (?:number|phone|line)|any|all|(?:the )?future)\\b))\\b)';
const BOUND = `(?:${BOUNDING}(?!.{0,100}\\b(?:ever|any other (?:day|time))\\b))`;
/** "Stop calling me at nine" asks for good; with these it may be for a while. */
const UNTIL = '(?= (?:before|after|until|till|til|unless|while|during|today|tonight|so (?:early|late|often|much)|this (?:early|late|week|month)|for (?:now|the moment))\\b)';
/** Nothing but courtesy after it, or another sentence without a mark before it. */
const AFTER = 'please|okay|dammit|damn|got it|understand|understood|once|full stop|seriously|yes|man|thanks|thank|you|do|did|and|or|i|we|bye|goodbye|all right|alright|right|at|on|in|from|about|for|because|since|now|every|like|immediately|already|is|what|how|why|who|will|would|can|have|has|had|are|was|not|no|never|he|she|they|also|then|but|constantly|repeatedly|day|night|over|twice|one|two|three|four|five|six|seven|eight|nine|ten|twenty|thirty|fifty|#';
const FOLLOWS = `(?= *$| (?:${AFTER})\\b)`;
/** "Don't call me" is the wish where nothing more is said than this; "don't call me with a robot" may ask for something else. */
const ENDS = '(?= *$| (?:please|okay|thanks|thank you|you|do|did|and|or|i(?! am\\b)|bye|goodbye|all right|alright|dammit|got it|understand|understood|yes|no|never|stop|seriously)\\b)';
/** After whom or what is called also what is no object of the call any more. */
const FOLLOWS_CALLED = `(?= *$| (?:${AFTER}|all|each|with|it|this|that|these|those|the|my|there|people)\\b)`;
/** "The list for the dinner" is another one. */
const FOLLOWS_LIST = `(?! for (?!good|ever|all)\\b)${FOLLOWS}`;
/** "Stop calling me Shirley" is about a name. */
const NAMED = '(?: (?:me|us|him|her|them))? (?:mister|mr|mrs|ms|miss|sir|madam|maam|honey|dear|darling|sweetheart|mate|buddy|dude|names?|a|an|stupid|crazy|doctor|dr)\\b';
/** "Stop calling me, mate": a name, or whom it is said to. */
const VOCATIVE = '(?: (?:me|us))? (?:sir|madam|maam|honey|dear|darling|mate|buddy|dude)(?= *$)';
const NAME_AFTER = /\bmy name is\b/;
const LIST = '(?:your|the|this|that|those|these|any|every|all|whatever)(?: (?:call|calling|phone|contact|contacts|marketing|telemarketing|mailing|dialing|dialling))? (?:list|lists|database|system|systems|records|files|register)';
const MINE = '(?:my|this|our) (?:number|phone number|telephone number|name|details|data)';

const STOPPED = `\\b(?:stop|quit|cease|desist from|refrain from)(?: (?:all|just|bloody|fucking|damn))* ${CALLING}\\b`;
const WHOM = `(?:(?: ${CALLED})+(?: ${LASTING})*${FOLLOWS_CALLED}|(?: ${LASTING})*${FOLLOWS})`;
const DO_NOT = '\\b(?:do not|never to|never|not to)(?: (?:you|ever|bother|dare|please|be|try|even|keep))*';
const TO_CALL = `(?:you|you people|you guys|anybody|anyone)(?: to)?(?: ever)? ${CALL}(?: ${CALLED})*|to(?: ever)? be (?:called|phoned|rung|contacted|telephoned)`;

/** The group is what bounds it, if anything does; `open` where what follows is not what a wish ends with. */
interface Form {
  readonly words: RegExp;
  readonly kind: 'stop' | 'do_not' | 'other';
  readonly open?: true;
}

const FORMS: readonly Form[] = [
  { kind: 'stop', words: new RegExp(`${STOPPED}(?!${NAMED})${WHOM}`, 'g') },
  { kind: 'stop', open: true, words: new RegExp(`${STOPPED}(?!${NAMED})(?!${WHOM})`, 'g') },
  { kind: 'stop', open: true, words: new RegExp(`${STOPPED}${VOCATIVE}`, 'g') },
  { kind: 'do_not', words: new RegExp(`${DO_NOT} ${CALL}(?: ${CALLED})*(?: ${LASTING})+\\b(${BOUND})?`, 'g') },
  { kind: 'do_not', words: new RegExp(`${DO_NOT} ${CALL}(?:(?: ${CALLED})*(${BOUND})|(?: ${US})*${ENDS})`, 'g') },
  { kind: 'do_not', open: true, words: new RegExp(`${DO_NOT} ${CALL}(?!${NAMED})(?: ${CALLED})+(?!${BOUNDING}| ${LASTING}\\b| ${CALLED}\\b)(?<!${CALL}(?: ${US})+${ENDS})`, 'g') },
  { kind: 'other', words: new RegExp(`\\b(?:stop|enough (?:of|with)) (?:(?:the|these|those|your|all) )+(?:\\w+ )?(?:phone )?calls\\b(${BOUND})?`, 'g') },
  { kind: 'other', words: new RegExp(`(?<!\\b(?:get|got|have|had|are|were|receive|received|make|made|take) )\\bno (?:more|further) (?:phone )?calls\\b(${BOUND})?`, 'g') },
  { kind: 'other', words: new RegExp(`\\bnot(?: (?:ever|really|actually))? (?:want|wish|like|need) (?:${TO_CALL})(?: ${LASTING})+\\b(${BOUND})?`, 'g') },
  { kind: 'other', words: new RegExp(`\\bnot(?: (?:ever|really|actually))? (?:want|wish|like|need) (?:${TO_CALL})(?:(${BOUND})|${FOLLOWS})`, 'g') },
  { kind: 'other', words: new RegExp(`\\bnot(?: (?:ever|really|actually))? (?:want|wish for|need|(?:wish|want) to (?:get|receive))(?: (?:any|these|those|your|more|further|such|phone|sales|marketing))* calls\\b(${BOUND})?`, 'g') },
  { kind: 'other', words: new RegExp(`\\b(?:take|remove|delete|get|strike|cross|scratch|drop|erase|wipe)(?: (?:me|us)| ${MINE}) (?:off|from|off of|out of) ${LIST}\\b${FOLLOWS_LIST}`, 'g') },
  { kind: 'other', open: true, words: new RegExp(`\\b(?:take|remove|delete|get|strike|cross|scratch|drop|erase|wipe)(?: (?:me|us)| ${MINE}) (?:off|from|off of|out of) ${LIST}\\b(?!${FOLLOWS_LIST})`, 'g') },
  { kind: 'other', words: new RegExp(`\\b(?:be|get|got) (?:removed|taken|deleted|struck|crossed) (?:off|from|off of|out of) ${LIST}\\b${FOLLOWS_LIST}|\\b(?:taking|removing|deleting)(?: me| us| ${MINE}) (?:off|from|off of|out of) ${LIST}\\b${FOLLOWS_LIST}`, 'g') },
  { kind: 'other', words: /\b(?:remove me|take me off)(?= *$| (?:please|now|thanks|thank you)\b)/g },
  { kind: 'other', words: new RegExp(`\\b(?:delete|erase|wipe|lose|forget|remove) ${MINE}(?= *$| (?:please|okay|thanks|thank you|and|or|i|bye|goodbye|now|do|never|stop)\\b)`, 'g') },
  { kind: 'other', words: /\b(?:put|place|add|enter|get)(?: (?:me|us)| (?:my|this|our) (?:phone )?number) (?:on|onto|to|in|into)(?: (?:your|the|that|a))? (?:do not call|no call)\b/g },
  { kind: 'other', words: new RegExp(`\\b(?:opt me out|(?:want|like|wish) to (?:opt out|unsubscribe)|unsubscribe me)(?: (?:of|from) (?:this|these|the|your|all|any)(?: phone)? calls)?(?= *$| (?:please|okay|thanks|thank you|and|or|i|bye|goodbye|now|do|never|stop)\\b)`, 'g') },
];

/** Surely no wish: a name that somebody is called by, and "don't forget to call me". */
const MENTIONS: readonly RegExp[] = [new RegExp(`${STOPPED}(?!${VOCATIVE})${NAMED}`), new RegExp(`\\b(?:do not|never)(?: (?:ever|please|you))* (?:forget|hesitate|fail|neglect|be afraid|be shy) to ${CALL}\\b`), new RegExp(`${DO_NOT} ${CALL}(?: ${CALLED})* (?:just )?(?:deliver|leave|drop|put|bring)\\b(?! (?:me|us)\\b| it(?: *$| (?:alone|be)\\b))`)];

/** Of somebody who is spoken of, and neither of the caller nor of us. */
const WHO = '(?:(?:my|his|her|their|our|a|the) \\w+|he|she|they|somebody|someone|nobody|people|everybody|everyone)';
const OFTEN = '(?: (?:has|have|had|just|always|also|never|once|keeps?|kept|even))*';
/** Who of ours may be told for all of us. */
const OURS = '(?:people|staff|colleagues?|boss|manager|company|team|system|systems|robots?|computers?|machines?|lot|guys|friends|agents?|office)';
/** What stands before words that may be told, and not meant. */
const TOLD: readonly RegExp[] = [
  new RegExp(`\\b${WHO}${OFTEN} (?:tells?|told|telling|asks?|asked|asking|wants?|wanted|begs|begged|ordered|advised|warned) (?:me|him|her|them|us|people|everybody|everyone|customers|(?:my|his|her|their) \\w+)(?: (?:once|again|yesterday|today|politely|that i|that we|should|must))*(?: to)?$`),
  /\b(?:i|he|she|they|we)(?: (?:was|were|have been|has been|had been|am|got)) (?:told|asked|ordered|advised|warned)(?: to)?$/,
  new RegExp(`\\b(?:tell|told|telling|ask|asked|asking|want|wanted|wish|beg|begged|get|make|made|need|needed|let) (?:him|her|(?:my|his|her|the|that|this|your(?! ${OURS}\\b)) \\w+)(?: to)?$`),
  new RegExp(`\\b(?:i|we|${WHO})${OFTEN} (?:promised?|agreed?|decided?|swore|vowed|learned|forgot|remembered|managed|used|tried)(?: (?:me|us))?(?: to)?$`),
];
/** "He said stop calling me" may be told; "she says stop calling us" passes a wish on. */
const QUOTED = new RegExp(`\\b${WHO}${OFTEN} (?:says?|said|goes|went|yells?|yelled|shouts?|shouted)(?: that| like| to (?:me|us|him|her|them))*$`);
/** "Absolutely not. Stop calling me" and "of course not please stop" deny something else. */
const DENIED: readonly RegExp[] = [
  /\b(?:(?:do|does|did|will|would|should|could|can|must|may|might|need|dare|better|to) not|never|without|hardly)(?: (?:ever|just|really|actually|suddenly))*$/,
  /\b(?:not|never|nobody|no one)(?: (?:ever|just|really|actually))* (?:say|said|saying|mean|meant)(?: (?:that|you should|you must|to))*$/,
  /\b(?:not|never|nobody|no one)(?: (?:ever|just|really|actually))* (?:ask|asked|asking|tell|told|telling|want|wanted|need|needed|expect|wish|have|supposed|mean|meant)(?: (?:you|you people|you guys|them|him|her|anyone|anybody|me))? to$/,
  /\bno (?:need|reason)(?: for (?:you|them))? to$/,
  /\bdid (?:i|you|he|she|they|we|it|\w+)(?: (?:say|ask|tell|want|ever|all|just|really|you|them|to|guys|people))*$/,
];
/** "Did I not tell you?" says that one did; "if you don't stop" asks for it. */
const INSISTS = /\b(?:(?:did|have|had) (?:(?:i|we) not|not (?:i|we))(?: \w+){0,7}|how (?:many times|often) (?:do|did|must|have|should) (?:i|we)(?: \w+){0,6}|(?:if|unless) (?:you|they) (?:(?:do|will|can) not|never))$/;
/** "I will stop calling", "it will stop ringing", "my phone would stop ringing". */
const OF_OTHERS = /(?:\b(?:i|we) (?:will|would|should|must|had to|have to|could|can|am going to|are going to|try to|tried to|just)|\b(?<!\byour )(?!you\b|they\b|people\b|please\b)\w+ (?:will|would|will not|would not|does not|did not|has to|is going to)|\bthey (?:will|would|did|could)|\bi|\bwe)$/;
/** "Until you stop calling", "how do I stop calling": a wish or none. */
const OPEN = /\b(?:if|when|once|until|till|before|after|unless|whether|(?:how|where|when) (?:do|can|could|should|may|to)(?: (?:i|we|you|one))?(?: (?:make|get)(?: you| them)?)?)(?: (?:you|they))?(?: to)?$/;
const WHY_STOPPED = /\b(?:why|when) did (?:you|they|he|she|it)$/;
/** "You never call me again", "why don't you call me again": a complaint, a proposal. */
const UNADDRESSED = /\b(?:you|they|people|who|why|if|that)$/;
const ADDRESSED = /\b(?:(?:tell|told|telling|ask|asked|asking|beg|begging|warn|warned|warning|want|request|insist|prefer|demand|wish|sure|rather|appreciate)(?: (?:that|it if|if|it))?|thank|thanks|from|with|for|to|of|about|like|hate|sue|block) you$|\b(?:after|before|like|with|for|of|about|is|is all|do|all|want|need) that$/;

/** "Don't call me, I'm driving" asks for another time. */
const BUSY = /^ *(?:because |as )?(?:i am|we are) (?:\w+ing|at|in|on|busy|asleep|with)\b/;
/** What is to be brought needs no call: "just leave it at the door". "Leave it" alone may be the matter that is to be left. */
const DELIVERS = /\b(?:(?:deliver|bring)(?: (?:it|them|that|the \w+))(?= *$| (?:at|by|in|with|on|to|outside|inside|behind|there|here)\b)|(?:leave|drop|put|hand)(?: (?:it|them|that|the \w+))(?: off)? (?:at|by|in|with|on|to|outside|inside|behind|there|here)\b)|\b(?:ring the bell|knock)\b/;
/** Another way is asked for: "don't call my office, call my cell", "just leave it at the door". */
const SUBSTITUTE = new RegExp(
  [
    '\\b(?:call|ring|phone|try|dial|contact)(?: (?:me|us|him|her|them))? (?:on|at|my|the|that|his|her|their|our|instead|later|tomorrow|him|her|them|back|in)\\b(?! (?:police|cops|lawyer|authorities|regulator|ombudsman))',
    '\\buse \\w+|\\binstead\\b',
    '\\b(?:text|message|email|mail|write|write to) (?:me|us|him|her|them)\\b',
    '\\b(?:send|leave)(?: (?:me|us|it|them))? (?:a|an|the|it|them|by|at|in|with|on|word)\\b',
    '\\b(?:just|only) (?:deliver|leave|send|bring|drop|put|text|come)\\b(?! me alone)',
    '\\bi (?:will|can|am going to) (?:call|ring|phone|contact|text) (?:you|back|them)\\b',
  ].join('|'),
);

const LASTS = new RegExp(`\\b${LASTING}\\b`);
const BOUNDED_AFTER = new RegExp(`^${UNTIL}`);
/** So far around the words of a form others are looked at, characters. */
const NEAR = 200;

/** Most of what is said has no word of it, and needs no closer look. */
const HINT = /call|remove|phon|ring|dial|contact|harass|bother|pester|hassl|spam|\boff\b|\bfrom\b|number|name|details|data|\bopt\b|unsubscribe/i;

export function speaksOfCallsEn(clause: string, { before, after }: Around): SpeaksOfCalls {
  if (!HINT.test(clause)) return undefined;
  const words = normalise(clause);
  const lead = normalise(before);
  const rest = normalise(after);
  const found: SpeaksOfCalls[] = MENTIONS.some((form) => form.test(words)) ? ['mention'] : [];
  for (const form of FORMS) {
    for (const match of words.matchAll(form.words)) {
      const head = words.slice(Math.max(0, match.index - NEAR), match.index).trim();
      const tail = words.slice(match.index + match[0].length, match.index + match[0].length + NEAR);
      found.push(spokenAs(form, { lead, head, said: match[0], tail, rest, bound: match[1] ?? bounding(form, tail, rest) }));
    }
  }
  return strongest(found);
}

/** "Don't call me so early": a clause ends before "so". */
function bounding({ kind }: Form, tail: string, rest: string): string | undefined {
  return (kind === 'stop' ? BOUNDED_AFTER.exec(tail)?.[0] : undefined) ?? (tail === '' ? /^(?:so )?(?:early|late|often|much|soon)\b/.exec(rest)?.[0] : undefined);
}

interface Spoken {
  readonly lead: string;
  readonly head: string;
  readonly said: string;
  readonly tail: string;
  readonly rest: string;
  readonly bound: string | undefined;
}

function spokenAs({ kind, open }: Form, { lead, head, said, tail, rest, bound }: Spoken): SpeaksOfCalls {
  if (INSISTS.test(head)) return 'wish';
  if ((kind !== 'other' && (WHY_STOPPED.test(head) || OF_OTHERS.test(head))) || (open === true && NAME_AFTER.test(`${tail} ${rest}`))) return 'mention';
  const all = `${lead} ${head}`.trim();
  if (TOLD.some((one) => one.test(all)) || (QUOTED.test(all) && /\bme\b/.test(said)) || DENIED.some((one) => one.test(head))) return 'doubt';
  if (kind === 'stop' && (OPEN.test(head) || bound !== undefined)) return 'doubt';
  if (kind === 'do_not' && UNADDRESSED.test(head) && !ADDRESSED.test(head)) {
    if (/(?:why|if)$/.test(head)) return 'mention';
    return LASTS.test(said) ? 'doubt' : said.startsWith('never') ? 'mention' : undefined;
  }
  if (DELIVERS.test(`${tail} ${rest}`)) return LASTS.test(said) ? 'doubt' : 'mention';
  if (bound !== undefined || (kind === 'do_not' && BUSY.test(tail === '' ? rest : tail))) return 'bounded';
  // "It is rude not to call me": what is not to be done is no wish to us.
  if (kind === 'do_not' && said.startsWith('not to') && !/\b(?:you|your \w+)$/.test(head)) return 'doubt';
  return open === true || SUBSTITUTE.test(`${tail} ${rest}`) ? 'doubt' : 'wish';
}
