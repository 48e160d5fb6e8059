/** Characters that are told by their parts: 弓长张, 立早章. */
const BY_PARTS = /(?:弓长|立早|木子|耳东|口天|双木|言午|古月|三横一竖的?|三横|草头|双口|人可|双人|西早|禾口|走肖|文刀|十八子)(\p{Script=Han})$/u;
/** 我姓李叫李明, 姓欧阳，单名一个修字; but 姓李，叫我小李. */
const IN_PARTS = /姓(\p{Script=Han}{1,2}?)[，,\s]*(?:名字?叫|单名(?:一个|叫)?|[叫名])(?:做)?(?!我)(\p{Script=Han}{1,4}?)字?(?=$|[，,。\s])/u;
/** Words that explain a character, by how likely their length is: 伟大的伟, 孙悟空的孙. */
const WORD_LENGTHS = [2, 3, 4];

/** Surname and given name that were said apart, as one. */
export function joinedName(said: string): string | undefined {
  const [, surname = '', given = ''] = IN_PARTS.exec(said) ?? [];
  if (surname === '' || given === '') return undefined;
  return given.startsWith(surname) || /^[小老阿]/u.test(given) && given.endsWith(surname) ? given : surname + given;
}

/** 张伟伟大的伟 is 张伟, and 弓长张 alone 张: the name without what tells how it is written. */
export function withoutExplanation(said: string): string {
  const parts = BY_PARTS.exec(said);
  if (parts !== null) return parts.index === 0 ? (parts[1] ?? said) : withoutExplanation(said.slice(0, parts.index));
  const [, before, character] = /^(\p{Script=Han}+)的(?:那个)?(\p{Script=Han})字?$/u.exec(said) ?? [];
  if (before === undefined || character === undefined) return said;
  const length = WORD_LENGTHS.find((one) => before.length > one && before.slice(-one).includes(character) && before.slice(0, -one).includes(character));
  return length === undefined ? said : withoutExplanation(before.slice(0, -length));
}
