import { SOMEBODY_ELSE } from '../nlu/stand-ins.js';
import { languageOf } from './built-in.js';
import { kinded } from './graph.js';
import type { FlowPath, Report } from './parse.js';
import { phrasesOf } from './phrases.js';
import { variablesOf } from './prompt.js';
import type { FlowFile } from './schema.js';
import { textsOf } from './texts.js';
import { valueNames } from './values.js';

/** Letters that no voice of the language can say; Chinese voices say English words too. */
const FOREIGN = { en: /(?!\p{Script=Latin})\p{L}+/u, zh: /(?!\p{Script=Han}|\p{Script=Latin})\p{L}+/u } as const;
/** For the eye only; the mouth leaves it out. */
const UNSPOKEN = /\p{Extended_Pictographic}(?<![\d#*©®™])|<\/?[a-z][^>]*>|\*\*|__|`|\p{Cc}(?<![\t\n\r])/u;
/** How a language says that it is a machine that speaks. */
const MACHINE = { en: /\b(?:AI|A\.I\.|artificial|automated|automatic|virtual|digital assistant|robot|bot|machine|computer|voice assistant|not a (?:human|person))\b/i, zh: /AI|人工智能|智能|机器人|自动|虚拟|电脑|语音助手|不是真人/i } as const;

/** Variables that are declared, values that have a name, and words that a voice can say. */
export function checkTexts(flow: FlowFile, report: Report): void {
  const values = new Set(valueNames(flow));
  if (values.has(SOMEBODY_ELSE)) report(['variables'], `{${SOMEBODY_ELSE}} is any other name in example phrases; give the value another name`);
  const names = new Set([...values, 'disclosure', 'opt_out']);
  let offered = false;
  const language = languageOf(flow.language);
  for (const { path, text, spoken, own } of textsOf(flow)) {
    for (const name of variablesOf(text)) {
      offered ||= name === 'opt_out';
      if ((name === 'disclosure' || name === 'opt_out') && flow[name] === undefined && flow.trunkline !== 1) report(path, `the flow has no \`${name}\` to put here`);
      else if (!names.has(name) && !own.includes(name)) report(path, `variable {${name}} is not declared`);
    }
    checkWriting(text, path, report);
    if (!spoken) continue;
    if (!/[\p{L}\p{N}{]/u.test(text)) report(path, 'there is nothing to say in this text');
    const fixed = text.normalize('NFKC').replace(/\{[a-z][a-z0-9_]*\}/g, ' ');
    const foreign = FOREIGN[language].exec(fixed)?.[0];
    if (foreign !== undefined) report(path, `a voice of language ${flow.language} cannot say "${foreign.slice(0, 20)}"`);
    const silent = UNSPOKEN.exec(fixed)?.[0];
    if (silent !== undefined) report(path, `"${silent.slice(0, 20)}" is not spoken`, 'warning');
  }
  for (const { text, path } of phrasesOf(flow)) {
    for (const name of variablesOf(text)) if (name !== SOMEBODY_ELSE && !values.has(name)) report(path, `variable {${name}} is not declared`);
    checkWriting(text, path, report);
  }
  checkNames(flow, report);
  if (flow.opt_out !== undefined && !offered) report(['opt_out'], 'is never said: no text has {opt_out}', 'warning');
  if (flow.disclosure !== undefined && !MACHINE[language].test(flow.disclosure)) report(['disclosure'], language === 'zh' ? 'does not say that it is a machine that calls, e.g. 智能语音助手' : 'does not say that it is a machine that calls, e.g. "automated assistant"', 'warning');
}

function checkWriting(text: string, path: FlowPath, report: Report): void {
  if (/[{}]/.test(text.replace(/\{[a-z][a-z0-9_]*\}/g, ''))) report(path, 'a variable is written {like_this}, with lower-case letters, digits and _');
}

/** Values get their names where they are set. */
function checkNames(flow: FlowFile, report: Report): void {
  const check = (path: FlowPath, values: object | undefined): void => {
    for (const name of Object.keys(values ?? {})) if (!/^[a-z][a-z0-9_]{0,63}$/.test(name)) report([...path, name], 'a variable has lower-case letters, digits and _');
  };
  for (const [label, action] of Object.entries(flow.universal ?? {})) if (action !== true) check(['universal', label, 'set'], action.set);
  for (const [name, node] of Object.entries(flow.nodes)) {
    const at: FlowPath = ['nodes', name];
    const one = kinded(node);
    if (one.kind === 'set' || one.kind === 'run') check([...at, 'set'], one.node.set);
    if (one.kind === 'choose') for (const [label, option] of Object.entries(one.node.options)) check([...at, 'options', label, 'set'], option.set);
    if ('intents' in node) for (const [label, action] of Object.entries(node.intents ?? {})) if (action !== true) check([...at, 'intents', label, 'set'], action.set);
  }
}
