import { normalise } from '../nlu/normalise.js';
import type { SpeaksOfCalls } from './stop-wish.js';

const CALLING = '(?:calling|phoning|telephoning|dialling|dialing|ringing|contacting|harassing|bothering|pestering|hassling|spamming)';
const CALL = '(?:call|calling|phone|phoning|telephone|ring|ringing|dial|dialling|dialing|contact|contacting)';
const CALLED = '(?:me|us|here|back|(?:this|my|our) (?:number|phone|telephone|house|home|line|landline|mobile|cell|cell phone|mother|mum|mom|father|dad|parents|wife|husband|family|office))';
const LASTING = '(?:again|any ?more|ever|no more|at all)';
/** What bounds it: "don't call me again before nine" asks for another hour; "today or ever" does not. */
const BOUND = '(?: (?:today|tonight|tomorrow|now|yet|this (?:week|weekend|morning|afternoon|evening|month|early|late)|until|till|til|before|after|unless|between|during|while|when|so|just|right|(?:at|on|in)(?! (?:this (?:number|phone|line)|any|all|(?:the )?future)\\b))\\b(?!.*\\b(?:ever|any other (?:day|time))\\b))';
/** "Stop calling me Shirley" is about a name. */
const NAMED = '(?: (?:me|us|him|her|them))? (?:mister|mr|mrs|ms|miss|sir|madam|maam|honey|dear|darling|sweetheart|mate|buddy|dude|names?|that|it|a|an|the|by|stupid|crazy|doctor|dr)\\b';
/** Nothing but courtesy after it, or another sentence without a mark before it. */
const END = '(?= *$| (?:please|okay|thanks|thank you|you|do|did|and|or|i|bye|goodbye|all right|alright)\\b)';
const LIST = '(?:your|the|this|that|those|these|any|every|all|whatever)(?: (?:call|calling|phone|contact|contacts|marketing|telemarketing|mailing|dialing|dialling))? (?:list|lists|database|system|systems|records|files|register)';
const MINE = '(?:my|this|our) (?:number|phone number|telephone number|name|details|data)';

const STOPPED = `\\b(?:stop|quit|cease|desist from|refrain from)(?: (?:all|just|bloody|fucking|damn))* ${CALLING}\\b`;
const STOP = new RegExp(`${STOPPED}(?!${NAMED})`, 'g');
const STOP_NAMING = new RegExp(`${STOPPED}${NAMED}`);
const DO_NOT = '\\b(?:do not|never to|never|not to)(?: (?:you|ever|bother|dare|please|be|try|even|keep))*';
/** With what bounds it, if anything does. */
const DO_NOT_CALL: readonly RegExp[] = [new RegExp(`${DO_NOT} ${CALL}(?: ${CALLED})*(?: ${LASTING})+\\b(${BOUND})?`, 'g'), new RegExp(`${DO_NOT} ${CALL}(?:(?: ${CALLED})*(${BOUND})|(?: ${CALLED})+${END})`, 'g')];
const OTHERS: readonly RegExp[] = [
  /\b(?:stop|enough (?:of|with)) (?:(?:the|these|those|your|all) )+(?:\w+ )?(?:phone )?calls\b/g,
  /(?<!\b(?:get|got|have|had|are|were|receive|received|make|made|take) )\bno (?:more|further) (?:phone )?calls\b/g,
  new RegExp(`\\bnot (?:want|wish|like|need) (?:(?:you|you people|you guys|anybody|anyone)(?: to)?(?: ever)? ${CALL}(?: ${CALLED})*|to(?: ever)? be (?:called|phoned|rung|contacted|telephoned))(?:(?: ${LASTING})+(?!${BOUND})|${END})`, 'g'),
  new RegExp(`\\bnot (?:want|wish for|need|(?:wish|want) to (?:get|receive))(?: (?:any|these|those|your|more|further|such|phone|sales|marketing))* calls\\b(?!${BOUND})`, 'g'),
  new RegExp(`\\b(?:take|remove|delete|get|strike|cross|scratch|drop|erase|wipe)(?: (?:me|us)| ${MINE}) (?:off|from|off of|out of) ${LIST}\\b`, 'g'),
  new RegExp(`\\b(?:delete|erase|wipe|lose|forget|remove) ${MINE}${END}`, 'g'),
  /\b(?:put|place|add|enter|get)(?: (?:me|us)| (?:my|this|our) (?:phone )?number) (?:on|onto|to|in|into)(?: (?:your|the|that|a))? (?:do not call|no call)\b/g,
  new RegExp(`\\b(?:opt me out|(?:want|like|wish) to opt out|unsubscribe me)(?: (?:of|from) (?:this|these|the|your|all|any)(?: phone)? calls)?${END}`, 'g'),
];

/** Of somebody who is spoken of, and neither of the caller nor of us. */
const WHO = '(?:(?:my|his|her|their|our|a|the) \\w+|he|she|they|somebody|someone|nobody|people|everybody|everyone)';
const OFTEN = '(?: (?:has|have|had|just|always|also|never|once|keeps?|kept|even))*';
/** What stands before words that are told, and not meant. */
const TOLD: readonly RegExp[] = [
  new RegExp(`\\b${WHO}${OFTEN} (?:tells?|told|telling|asks?|asked|asking|wants?|wanted|begs|begged|ordered|advised|warned) (?:me|him|her|them|us|people|everybody|everyone|customers|(?:my|his|her|their) \\w+)(?: (?:once|again|yesterday|today|politely|that i|that we|should|must))*(?: to)?$`),
  /\b(?:i|he|she|they|we)(?: (?:was|were|have been|has been|had been|am|got)) (?:told|asked|ordered|advised|warned)(?: to)?$/,
  /\b(?:tell|told|telling|ask|asked|asking|want|wanted|wish|beg|begged|get|make|made|need|needed|let) (?:him|her|(?:my|his|her) \w+)(?: to)?$/,
];
/** "He said stop calling me" is told; "she says stop calling us" passes a wish on. */
const QUOTED = new RegExp(`\\b${WHO}${OFTEN} (?:says?|said|goes|went|yells?|yelled|shouts?|shouted)(?: that| like| to (?:me|us|him|her|them))*$`);
const DENIED: readonly RegExp[] = [
  /\b(?:not|never|without|hardly)(?: (?:ever|just|really|actually|please|suddenly))*$/,
  /\b(?:not|never|nobody|no one)(?: (?:ever|just|really|actually))* (?:say|said|saying|mean|meant)(?: (?:that|you should|you must|to))*$/,
  /\b(?:not|never|nobody|no one)(?: (?:ever|just|really|actually))* (?:ask|asked|asking|tell|told|telling|want|wanted|need|needed|expect|wish|have|supposed|mean|meant)(?: (?:you|you people|you guys|them|him|her|anyone|anybody|me))? to$/,
  /\bno (?:need|reason)(?: for (?:you|them))? to$/,
  /\bdid (?:i|you|he|she|they|we|it|\w+)(?: (?:say|ask|tell|want|ever|all|just|really|you|them|to|guys|people))*$/,
];
/** "I will stop calling", "it will stop ringing". */
const OF_OTHERS = /\b(?:(?:i|we|he|she|it) (?:will|would|should|must|had to|have to|has to|could|can|am going to|is going to|are going to|try to|tried to|just)|they (?:will|would|did|could)|i|we)$/;
/** "Until you stop calling": a wish or none. */
const OPEN = /\b(?:if|when|once|until|till|before|after|unless|whether)(?: (?:you|they))?$/;
/** "You never call me again", "why don't you call me again": a complaint, a proposal. */
const UNADDRESSED = /\b(?:you|they|people|who|why|if|that)$/;
const ADDRESSED = /\b(?:tell|told|telling|ask|asked|asking|beg|begging|warn|warned|warning|want|request|insist|prefer|demand|wish|sure|rather|appreciate)(?: (?:that|it if|if|it))? you$/;

export function speaksOfCallsEn(clause: string, before: string): SpeaksOfCalls {
  const words = normalise(clause);
  const lead = normalise(before);
  const found = new Set<SpeaksOfCalls>(STOP_NAMING.test(words) ? ['mention'] : []);
  const isTold = (head: string, tail: string): boolean => {
    const all = `${lead} ${head}`.trim();
    return TOLD.some((one) => one.test(all)) || (QUOTED.test(all) && /\bme\b/.test(tail)) || DENIED.some((one) => one.test(head));
  };
  for (const { head, tail } of matches(words, STOP)) found.add(isTold(head, tail) || OF_OTHERS.test(head) ? 'mention' : OPEN.test(head) ? undefined : 'wish');
  for (const { head, tail, bound } of DO_NOT_CALL.flatMap((form) => matches(words, form))) {
    const unaddressed = UNADDRESSED.test(head) && !ADDRESSED.test(head);
    if (isTold(head, tail) || OF_OTHERS.test(head) || (unaddressed && (tail.startsWith('never') || /(?:why|if)$/.test(head)))) found.add('mention');
    else if (bound !== undefined) found.add('bounded');
    else found.add(unaddressed || (tail.startsWith('not to') && !/\b(?:you|your \w+)$/.test(head)) ? undefined : 'wish');
  }
  for (const form of OTHERS) for (const { head, tail } of matches(words, form)) found.add(isTold(head, tail) ? 'mention' : 'wish');
  return found.has('wish') ? 'wish' : found.has('mention') ? 'mention' : found.has('bounded') ? 'bounded' : undefined;
}

/** `head`: the words before the form; `tail`: its own and what follows. */
function matches(words: string, form: RegExp): { head: string; tail: string; bound: string | undefined }[] {
  return [...words.matchAll(form)].map((match) => ({ head: words.slice(0, match.index).trim(), tail: words.slice(match.index), bound: match[1] }));
}
