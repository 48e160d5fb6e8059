const list = (words: string): ReadonlySet<string> => new Set(words.trim().split(/\s+/));

/** Of the given names that are heard often, those of one gender alone. */
const MALE = list(`
  aaron abdul adam adrian ahmed alan albert alexander alfred ali amir andrew anthony antonio arjun arthur barry ben benjamin bernard bob bobby brad bradley brandon brian bruce bryan caleb carl carlos charles christopher colin connor craig daniel danny darren dave david dennis derek diego dominic don donald
  doug douglas dylan ed eddie edward eli elijah eric ethan eugene evan felix francisco fred gabriel gary gavin geoff george gerald gordon graham greg gregory harold harry hassan henry howard hugh ian ibrahim isaac ivan jackson jacob jake james jason javier jeff jeffrey jeremy jerry jim joe joel johan john
  johnny jon jonathan jorge jose joseph josh joshua juan julian karl keith ken kenneth kevin kumar kyle larry lawrence leo leon leonard liam louis lucas luis luke mahmoud malcolm marco marcus mario martin matt matthew max michael miguel mike mohamed mohammed muhammad nathan neil nicholas nick nigel noah
  norman oliver omar oscar owen pablo patrick paul pedro peter phil philip phillip raj ralph raymond richard rick ricky robert rodney roger ron ronald roy russell ryan samuel sean sebastian sergio simon stan stanley stephen steve steven stuart ted terry thomas tim timothy todd tom tommy tony trevor victor
  vincent wayne wesley william willie yusuf zachary will rob robbie bill billy dick andy tomas`);
const FEMALE = list(`
  abigail aisha alexandra alice alicia alison allison amanda amber amelia amy ana angela anita ann anna anne annie audrey barbara beatrice beth betty beverly bonnie brenda carla carmen carol caroline catherine cathy charlotte cheryl chloe christina christine cindy claire clara claudia connie cynthia daniela
  danielle deborah debra denise diana diane donna doris dorothy eileen elena elizabeth ella ellen emily emma erica erin eva evelyn fatima fiona florence gina gloria hannah harriet heidi helen irene isabel isabella jacqueline jane janet janice jennifer jenny jessica jill joan joanna juanita judith judy julia
  julie karen kate katherine kathleen kathryn kathy katie kelly kimberly laura lauren leah linda lisa liz lois lori louise lucy lydia maggie margaret maria marie marilyn marjorie martha mary maureen megan melanie melissa michelle molly monica nancy naomi natalie nicola nicole nina nora olga olivia pamela
  patricia paula peggy phyllis priya rachel rebecca rita roberta rosa rosemary ruth sally samantha sandra sara sarah shannon sharon sheila shirley sofia sophia sophie stacy stella stephanie susan suzanne sylvia tamara tanya tara teresa theresa tiffany tina toni tracey valerie vanessa vera veronica vicki
  victoria virginia wanda wendy yasmin yvonne zoe sue becky kathy`);
/** The long form first; the others are said for it. */
const SHORT = `
  robert bob bobby rob robbie|thomas tom tommy|william will bill billy willie|richard rick ricky dick|james jim jimmy jamie|john johnny jack|jonathan jon|joseph joe joey|michael mike mick|david dave|daniel dan danny|edward ed eddie ted|andrew andy drew|anthony tony|charles charlie chuck|christopher chris
  |kenneth ken kenny|lawrence larry|matthew matt|nicholas nick|patrick pat|peter pete|philip phillip phil|raymond ray|ronald ron|donald don|samuel sam|stephen steven steve|timothy tim|alexander alex|benjamin ben|bradley brad|douglas doug|frederick fred freddie|gregory greg|henry harry|jacob jake
  |jeffrey jeff|gerald jerry|joshua josh|leonard leo len|stanley stan|victor vic|walter walt|zachary zach|elizabeth liz beth betty lisa|margaret maggie peggy meg|catherine katherine kathryn kathleen kate cathy kathy katie|jennifer jenny jen|jessica jess|rebecca becky|susan suzanne sue|deborah debra debbie
  |patricia pat patty trish|barbara barb|christina christine chris tina|dorothy dot|judith judy|kimberly kim|nancy nan|pamela pam|samantha sam|sandra sandy|stephanie steph|theresa teresa terry|valerie val|victoria vicki vicky|jacqueline jackie|alexandra alex|amanda mandy|cynthia cindy|florence flo
  |joanna jo|madison maddie|melissa mel|michelle shelly|nicole nicky|rosemary rose|veronica ronnie|virginia ginny|abigail abby|angela angie|caroline carol|constance connie|eleanor ellie nell`;
const GROUPS: readonly ReadonlySet<string>[] = SHORT.split('|').map(list);

/** Undefined: of both, or not known. */
export function genderOf(given: string): 'male' | 'female' | undefined {
  return MALE.has(given) ? 'male' : FEMALE.has(given) ? 'female' : undefined;
}

/** Bob is Robert, more often than not. */
export function isSameGiven(one: string, other: string): boolean {
  return one === other || GROUPS.some((group) => group.has(one) && group.has(other));
}
