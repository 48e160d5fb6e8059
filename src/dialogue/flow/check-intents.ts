import { normaliserOf } from '../nlu/normalise.js';
import { libraryOf } from '../nlu/universal/library.js';
import { builtIn, defaultNumbers } from './built-in.js';
import { handoffNode, kinded } from './graph.js';
import type { KindedNode } from './graph.js';
import type { FlowPath, Report } from './parse.js';
import { examplesOf, plainPhraseOf } from './phrases.js';
import type { FlowAction, FlowFile } from './schema.js';

/** Nodes at which the caller speaks. */
const QUESTIONS: ReadonlySet<KindedNode['kind']> = new Set(['ask', 'collect', 'choose', 'answer', 'schedule']);

type Listening = { readonly accept?: number; readonly ask_again?: number; readonly intents?: Readonly<Record<string, FlowAction | true>>; readonly universal?: boolean };

/** What is understood at every kind of question: thresholds, phrases with two meanings, intents without an answer. */
export function checkUnderstanding(flow: FlowFile, report: Report): void {
  const { accept: flowAccept = defaultNumbers.accept, ask_again: flowAgain = defaultNumbers.askAgain } = flow.defaults ?? {};
  if (flowAgain > flowAccept) report(['defaults', 'ask_again'], outOfOrder(flowAgain, flowAccept));
  for (const [name, node] of Object.entries(flow.nodes)) {
    const at: FlowPath = ['nodes', name];
    const { kind } = kinded(node);
    if (!QUESTIONS.has(kind)) continue;
    const listening = node as Listening;
    const accept = listening.accept ?? flowAccept;
    const askAgain = listening.ask_again ?? flowAgain;
    const own = listening.accept !== undefined || listening.ask_again !== undefined;
    if (own && askAgain > accept) report([...at, listening.ask_again === undefined ? 'accept' : 'ask_again'], outOfOrder(askAgain, accept));
    if (own && accept === 0) report([...at, 'accept'], 'every word would be taken for an intent', 'warning');
    for (const [label, action] of Object.entries(listening.intents ?? {})) {
      const path: FlowPath = [...at, 'intents', label];
      if (kind !== 'ask' && !hasPhrases(flow, label, action)) report(path, `"${label}" is no universal intent, so it needs examples`);
      if (action === true) checkBuiltIn(flow, path, label, report);
      else if (isUnanswered(action)) report(path, 'who means this gets no answer: it has none of say, set and goto', 'warning');
    }
  }
  for (const [label, action] of Object.entries(flow.universal ?? {})) if (action !== true && isUnanswered(action)) report(['universal', label], 'who means this gets no answer: it has none of say, set and goto', 'warning');
  checkDeclared(flow, report);
  checkPhrases(flow, report);
  if (flow.direction === 'outbound' && flow.universal?.['stop_calling'] === undefined) report(['direction'], 'who is called cannot end it: an outbound flow needs `stop_calling` under `universal`', 'warning');
}

function outOfOrder(askAgain: number, accept: number): string {
  return `thresholds are out of order: ask_again ${askAgain} is above accept ${accept}`;
}

function hasPhrases(flow: FlowFile, label: string, action: FlowAction | true): boolean {
  return libraryOf(flow.language).universal.has(label) || flow.intents?.[label] !== undefined || examplesOf(action).length > 0;
}

/** What `true` asks for must exist. */
export function checkBuiltIn(flow: FlowFile, at: FlowPath, label: string, report: Report): void {
  if (!builtIn.has(label)) report(at, `"${label}" has no built-in behaviour; say what to say or where to go`);
  if (label === 'person' && handoffNode(flow) === undefined) report(at, 'no node ends with a handoff, so nobody can take over');
}

function isUnanswered(action: FlowAction): boolean {
  return action.say === undefined && action.goto === undefined && Object.keys(action.set ?? {}).length === 0;
}

/** Intents of the head are only phrases; some question must say what follows from them. */
function checkDeclared(flow: FlowFile, report: Report): void {
  const own = new Set(Object.values(flow.nodes).flatMap((node) => ownLabels(kinded(node))));
  for (const [label, intent] of Object.entries(flow.intents ?? {})) {
    if (intent.examples.length === 0 && !libraryOf(flow.language).universal.has(label)) report(['intents', label, 'examples'], 'there is no phrase for it');
    const handled = own.has(label) || Object.hasOwn(flow.universal ?? {}, label) || Object.values(flow.nodes).some((node) => 'intents' in node && Object.hasOwn(node.intents ?? {}, label));
    if (!handled) report(['intents', label], 'is never answered: no node and not `universal` say what follows from it', 'warning');
  }
}

/** Labels that a question answers by its kind. */
function ownLabels(one: KindedNode): string[] {
  if (one.kind === 'choose') return Object.keys(one.node.options);
  return one.kind === 'answer' || (one.kind === 'ask' && one.node.kind === 'yes_no') ? ['yes', 'no'] : [];
}

/** One phrase at one question may mean one thing only. Within `intents` of an `ask` it is told by check-nodes. */
function checkPhrases(flow: FlowFile, report: Report): void {
  const plainOf = plainPhraseOf(flow);
  const normalise = normaliserOf(flow.language);
  const told = new Set<string>();
  const facts = Object.entries(flow.facts ?? {}).map(([id, fact]) => ({ label: `fact ${id}`, path: ['facts', id, 'questions'] as FlowPath, phrases: fact.questions }));
  const universal = Object.entries(flow.universal ?? {}).map(([label, action]) => ({ label, path: ['universal', label, 'examples'] as FlowPath, phrases: examplesOf(action) }));
  for (const [name, node] of Object.entries(flow.nodes)) {
    const one = kinded(node);
    if (!QUESTIONS.has(one.kind)) continue;
    const { intents = {}, universal: shared } = node as Listening;
    const at: FlowPath = ['nodes', name];
    const own = Object.entries(intents).map(([label, action]) => ({ label, path: [...at, 'intents', label, 'examples'] as FlowPath, phrases: examplesOf(action) }));
    const options = one.kind === 'choose' ? Object.entries(one.node.options).map(([label, option]) => ({ label, path: [...at, 'options', label, 'synonyms'] as FlowPath, phrases: option.synonyms ?? [] })) : [];
    const active = new Set([...Object.keys(intents), ...(shared === false ? [] : Object.keys(flow.universal ?? {}))]);
    const declared = Object.entries(flow.intents ?? {}).filter(([label]) => active.has(label)).map(([label, intent]) => ({ label, path: ['intents', label, 'examples'] as FlowPath, phrases: intent.examples }));
    const seen = new Map<string, { label: string; path: FlowPath }>();
    for (const { label, path, phrases } of [...options, ...own, ...declared, ...(shared === false ? [] : [...universal.filter((other) => !Object.hasOwn(intents, other.label)), ...facts])]) {
      for (const [index, phrase] of phrases.entries()) {
        const other = seen.get(plainOf(phrase));
        const key = [...path, index, other?.label].join('.');
        const sameAsk = one.kind === 'ask' && path[2] === 'intents' && other?.path[2] === 'intents';
        if (other !== undefined && other.label !== label && !sameAsk && !told.has(key)) {
          told.add(key);
          report([...path, index], `the phrase "${phrase}" is also one for "${other.label}"`);
        }
        if (other === undefined) seen.set(plainOf(phrase), { label, path });
      }
    }
  }
  for (const [name, slot] of Object.entries(flow.slots ?? {})) {
    const seen = new Map<string, string>();
    slot.choices?.forEach((choice, index) => {
      for (const phrase of [choice.value, ...(choice.say === undefined ? [] : [choice.say]), ...(choice.synonyms ?? [])]) {
        const plain = normalise(phrase);
        const other = seen.get(plain);
        if (other !== undefined && other !== choice.value) report(['slots', name, 'choices', index], `"${phrase}" is also a name of "${other}"`);
        seen.set(plain, choice.value);
      }
    });
  }
}
