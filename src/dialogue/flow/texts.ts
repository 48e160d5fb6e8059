import { kinded } from './graph.js';
import type { FlowPath } from './parse.js';
import type { FlowAction, FlowFile } from './schema.js';

/** A text of a flow file, and where it stands. */
export interface FlowText {
  readonly path: FlowPath;
  readonly text: string;
  /** The caller hears it; else it goes into a record, to a lookup or to the model. */
  readonly spoken: boolean;
  /** Names that only the engine fills in, here. */
  readonly own: readonly string[];
}

/** What the engine fills in by itself, by word of the engine. */
const OWN: Readonly<Record<string, readonly string[]>> = { did_you_mean: ['first', 'second'], confirm: ['value'], noted: ['value'] };
const QUESTION = ['say', 'ask', 'again', 'reprompt', 'silence_reprompt', 'help', 'intro', 'choose', 'answer', 'scripted', 'filler'] as const;

/** Every text that may hold {variables}, in no special order. */
export function textsOf(flow: FlowFile): FlowText[] {
  const texts: FlowText[] = [];
  const add = (path: FlowPath, text: unknown, spoken = true, own: readonly string[] = []): void => {
    if (typeof text === 'string') texts.push({ path, text, spoken, own });
  };
  const addAll = (path: FlowPath, values: object | undefined, spoken: boolean): void => {
    for (const [key, value] of Object.entries(values ?? {})) add([...path, key], value, spoken);
  };
  const actions = (path: FlowPath, all: Readonly<Record<string, FlowAction | true>> | undefined): void => {
    for (const [label, action] of Object.entries(all ?? {})) {
      if (action === true) continue;
      add([...path, label, 'say'], action.say);
      add([...path, label, 'called'], action.called);
      addAll([...path, label, 'set'], action.set, false);
    }
  };

  add(['apology'], flow.apology);
  add(['disclosure'], flow.disclosure);
  add(['opt_out'], flow.opt_out);
  for (const key of ['reprompt', 'silence_reprompt', 'help'] as const) add(['defaults', key], flow.defaults?.[key]);
  for (const [key, text] of Object.entries(flow.words ?? {})) add(['words', key], text, true, OWN[key]);
  actions(['universal'], flow.universal);
  for (const [id, fact] of Object.entries(flow.facts ?? {})) {
    add(['facts', id, 'say'], fact.say);
    add(['facts', id, 'called'], fact.called);
  }
  for (const [name, intent] of Object.entries(flow.intents ?? {})) add(['intents', name, 'called'], intent.called);
  for (const [name, slot] of Object.entries(flow.slots ?? {})) {
    for (const key of ['ask', 'again', 'reprompt', 'help'] as const) add(['slots', name, key], slot[key]);
    add(['slots', name, 'confirm_prompt'], slot.confirm_prompt, true, ['value']);
    slot.choices?.forEach((choice, index) => add(['slots', name, 'choices', index, 'say'], choice.say));
  }
  (flow.mood ?? []).forEach((rule, index) => add(['mood', index, 'say'], rule.say));
  (flow.verdicts ?? []).forEach((rule, index) => add(['verdicts', index, 'reason'], rule.reason, false));
  for (const [name, node] of Object.entries(flow.nodes)) {
    const at: FlowPath = ['nodes', name];
    const one = kinded(node);
    for (const key of QUESTION) add([...at, key], (node as Record<string, unknown>)[key]);
    if ('intents' in node) actions([...at, 'intents'], node.intents);
    switch (one.kind) {
      case 'set':
        addAll([...at, 'set'], one.node.set, false);
        break;
      case 'run':
        addAll([...at, 'set'], one.node.set, false);
        break;
      case 'choose':
        for (const [label, option] of Object.entries(one.node.options)) {
          add([...at, 'options', label, 'say'], option.say);
          addAll([...at, 'options', label, 'set'], option.set, false);
        }
        break;
      case 'action':
        addAll([...at, 'input'], one.node.input, false);
        break;
      case 'generate':
        add([...at, 'generate'], one.node.generate, false);
        break;
      case 'verdict':
        addAll([...at, 'words'], one.node.words, true);
        break;
      case 'transfer':
        add([...at, 'transfer'], one.node.transfer, false);
        add([...at, 'reason'], one.node.reason, false);
        break;
      case 'end':
      case 'handoff':
      case 'schedule':
        add([...at, 'reason'], one.node.reason, false);
        break;
      default:
        break;
    }
  }
  return texts;
}
