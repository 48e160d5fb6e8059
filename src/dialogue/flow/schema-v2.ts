import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { Examples, Identifier, Intents, Scalar, Target, Text, listening, strict } from './schema-basics.js';

/** What version 2 of the flow file adds: values with read-back, facts, verdict rules, mood, sub-flows. */
export const ExpressionText = (description: string) => Type.String({ minLength: 1, maxLength: 1_000, description: `${description} In the Common Expression Language: \`age >= 18 && city == "Shanghai"\`.` });

const Choice = strict({ value: Identifier('What the slot keeps.'), say: Type.Optional(Text('How it is said; default is the value.')), synonyms: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 80 }), { maxItems: 50 })) });

export const SLOT_KINDS = ['yes_no', 'number', 'digits', 'date', 'time', 'datetime', 'amount', 'phone', 'email', 'name', 'address', 'choice', 'text'] as const;

const Slot = strict(
  {
    kind: Type.Union(SLOT_KINDS.map((kind) => Type.Literal(kind)), { description: 'What kind of value.' }),
    ask: Text('The question for it.'),
    again: Type.Optional(Text('The question when the talk comes back to it.')),
    reprompt: listening.reprompt,
    help: listening.help,
    confirm: Type.Optional(Type.Union([Type.Literal('always'), Type.Literal('unsure'), Type.Literal('never')], { description: 'When it is read back. Default `unsure`; `always` for email, phone, and digits without a check digit.' })),
    confirm_prompt: Type.Optional(Text('The read-back, with {value}.')),
    min_digits: Type.Optional(Type.Integer({ minimum: 1, maximum: 40 })),
    max_digits: Type.Optional(Type.Integer({ minimum: 1, maximum: 40 })),
    grouping: Type.Optional(Type.Array(Type.Integer({ minimum: 1, maximum: 12 }), { minItems: 1, maxItems: 20, description: 'digits: how they are read back, e.g. [3, 4, 4].' })),
    check_digit: Type.Optional(Type.Union([Type.Literal('luhn'), Type.Literal('iso7064_mod11_2')], { description: 'digits: the last one proves the others.' })),
    min: Type.Optional(Type.Number()),
    max: Type.Optional(Type.Number()),
    currency: Type.Optional(Type.String({ pattern: '^[A-Z]{3}$', description: 'amount: what one without a currency means, ISO 4217.' })),
    country: Type.Optional(Type.String({ pattern: '^[A-Z]{2}$', description: 'phone: what one without a country code means, ISO 3166.' })),
    when: Type.Optional(Type.Union([Type.Literal('future'), Type.Literal('past'), Type.Literal('any')], { description: 'date, datetime: which are taken. Default `future`.' })),
    choices: Type.Optional(Type.Array(Choice, { minItems: 2, maxItems: 100 })),
    known: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 80 }), { maxItems: 1000, description: 'name: those that are likely.' })),
    max_length: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, description: 'text: characters.' })),
    keypad: Type.Optional(Type.Boolean({ description: 'The keypad is an equal way in. Default true where the kind has a keypad form.' })),
  },
  'A value that the caller gives.',
);

const Fact = strict({ say: Text('The answer, as it is spoken.'), questions: Examples, called: Type.Optional(Type.String({ minLength: 1, maxLength: 80, description: 'What it is called in "Did you mean ...?".' })) }, 'Something that the flow knows.');

const VerdictKind = Type.Union([Type.Literal('end'), Type.Literal('continue'), Type.Literal('redial_at'), Type.Literal('follow_up'), Type.Literal('handoff')]);
const Reason = Type.String({ minLength: 1, maxLength: 200, description: 'Why, for the result; may hold {values}.' });

const VerdictRule = strict({
  when: Type.Optional(ExpressionText('Values by name, and `intents`, `mood`, `attempts`, `turns`, `failures`, `node`, `ended`. The last rule has none.')),
  verdict: VerdictKind,
  reason: Type.Optional(Reason),
  at: Type.Optional(Identifier('redial_at: slot of kind datetime.')),
  in_minutes: Type.Optional(Type.Integer({ minimum: 1, maximum: 43_200, description: 'redial_at: from now, where no time was heard.' })),
  channel: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  template: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  queue: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
});

const Hour = Type.String({ pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$' });
const CallingHours = strict({ from: Hour, to: Hour, days: Type.Array(Type.Integer({ minimum: 1, maximum: 7 }), { minItems: 1, maxItems: 7, uniqueItems: true, description: 'Monday is 1.' }) }, 'When somebody may be called again, in the time zone of the call.');

const MoodRule = strict({
  when: ExpressionText('`mood.label`, `mood.valence`, `mood.trend`, `mood.arousal` and all values. Each rule fires once in a call.'),
  say: Type.Optional(Text('Said before going on.')),
  goto: Type.Optional(Target('Where to go instead.')),
  slower: Type.Optional(Type.Boolean({ description: 'Speak slower from here on.' })),
});

const SubFlow = strict({ start: Identifier('Its first node.') }, 'A part that several places run; its nodes go to `return` when it is over.');

const named = <T extends Parameters<typeof Type.Record>[1]>(value: T, description: string) => Type.Optional(Type.Record(Type.String({ pattern: '^[a-z][a-z0-9_]{0,63}$' }), value, { description }));

export const headOfVersion2 = {
  direction: Type.Optional(Type.Union([Type.Literal('outbound'), Type.Literal('inbound'), Type.Literal('both')], { description: 'Version 2. Outbound flows must disclose who calls.' })),
  disclosure: Type.Optional(Text('Version 2. Who calls, and that it is an AI; said wherever a text has {disclosure}.')),
  opt_out: Type.Optional(Text('Version 2. How not to be called again, e.g. "Say stop calling at any time."; said wherever a text has {opt_out}.')),
  intents: named(strict({ examples: Examples, called: Type.Optional(Type.String({ minLength: 1, maxLength: 80 })) }), 'Version 2. Intents of the whole flow; nodes say what follows from them.'),
  slots: named(Slot, 'Version 2. Values that nodes of kind collect fill.'),
  facts: named(Fact, 'Version 2. What callers may ask in every question of the flow.'),
  verdicts: Type.Optional(Type.Array(VerdictRule, { minItems: 1, maxItems: 50, description: 'Version 2. The business judgement; the first rule that holds.' })),
  calling_hours: Type.Optional(CallingHours),
  mood: Type.Optional(Type.Array(MoodRule, { maxItems: 20, description: 'Version 2. What follows from how the caller feels.' })),
  sub_flows: named(SubFlow, 'Version 2. Parts of the flow that `run` nodes run.'),
  words: Type.Optional(
    strict(
      {
        resume: Type.Optional(Text('Before a question to which the talk comes back.')),
        did_you_mean: Type.Optional(Text('With {first} and {second}.')),
        confirm: Type.Optional(Text('With {value}.')),
        noted: Type.Optional(Text('After a correction, with {value}.')),
        go_on: Type.Optional(Text('While half of a value is still to come.')),
        too_short: Type.Optional(Text('A number or value is too short or small.')),
        too_long: Type.Optional(Text('A number or value is too long or large.')),
        wrong: Type.Optional(Text('A value that cannot be right.')),
        past: Type.Optional(Text('A time on the wrong side of now.')),
        sorry: Type.Optional(Text('After a read-back was denied.')),
        stop_calling: Type.Optional(Text('Asks whether the caller wants no more calls, where that is not plain.')),
        wrong_number: Type.Optional(Text('Asks whether it is the wrong number, where that is not plain.')),
      },
      'Version 2. Words of the engine itself.',
    ),
  ),
} as const;

const intents = Intents('What else may be meant.');
const universal = Type.Optional(Type.Boolean({ description: 'false shuts the universal intents off in this node.' }));
const fallback = Type.Optional(Target('Where to go after the last failure. Default: the fallback of the flow.'));
const inputs = Type.Optional(Type.Record(Type.String({ pattern: '^[a-z][a-z0-9_]{0,63}$' }), Scalar));

export const CollectNode = strict({ collect: Type.Array(Identifier('A slot.'), { minItems: 1, maxItems: 30, uniqueItems: true, description: 'Values to ask for, in this order; those that are known are not asked for.' }), intro: Type.Optional(Text('Said before the first question.')), ...listening, intents, universal, next: Target('When all are known.'), cancel: Type.Optional(Target('When the caller wants none of it any more ("never mind"); what was given is forgotten. Default: the fallback, whose words mostly say that we did not understand.')), anew: Type.Optional(Type.Boolean({ description: 'true asks for every value each time; false for none that is known. Default: anew where an intent or a `no` leads back into a form that is filled.' })), fallback });

const Option = strict({ say: Type.Optional(Text('How it is called in a question back.')), synonyms: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 80 }), { maxItems: 50 })), set: Type.Optional(Type.Record(Type.String(), Scalar)), goto: Target('Where to go.') });
export const ChooseNode = strict({ choose: Text('The question that names the options.'), again: Type.Optional(Text('Said instead of it when the talk comes back.')), options: Type.Record(Type.String({ pattern: '^[a-z][a-z0-9_]{0,63}$' }), Option, { minProperties: 2, maxProperties: 20, description: 'In the order of the keypad: 1, 2, ...' }), slot: Type.Optional(Identifier('Variable that keeps the name of the option.')), anew: Type.Optional(Type.Boolean({ description: 'true asks even if the value of `slot` is known.' })), ...listening, intents, universal, fallback });

export const AnswerNode = strict({ answer: Text('The invitation to ask, e.g. "Do you have any questions?"'), again: Type.Optional(Text('After an answer, e.g. "Anything else?"')), ...listening, intents, universal, next: Target('When there are no more questions.'), fallback });

export const GenerateNode = strict({ generate: Text('What to say, as an instruction to the language model.'), facts: Type.Optional(Type.Array(Identifier('A fact.'), { maxItems: 50, description: 'All that it may state.' })), scripted: Text('Said where the model has nothing that may be said.'), barge_in: listening.barge_in, deadline_ms: Type.Optional(Type.Integer({ minimum: 200, maximum: 10_000, description: 'Until the first words; then `scripted` is said. Default 1500.' })), next: Target('The next node.') });

export const ActionNode = strict({ action: Type.String({ pattern: '^[a-z][a-z0-9_.-]{0,63}$', description: 'Name of a lookup of the configuration.' }), input: inputs, output: Type.Optional(Type.Record(Type.String({ pattern: '^[a-z][a-z0-9_]{0,63}$' }), Type.String({ minLength: 1, maxLength: 200 }), { description: 'Variable to path in the answer: `customer.balance`.' })), filler: Type.Optional(Text('Said while it takes long.')), deadline_ms: Type.Optional(Type.Integer({ minimum: 100, maximum: 30_000, description: 'Default 3000.' })), next: Target('The next node.'), failed: Target('Where to go if it fails or is late.') });

export const RunNode = strict({ run: Identifier('A sub-flow.'), set: inputs, next: Target('Where `return` leads.') });

export const VerdictNode = strict({ verdict: Type.Literal('rules', { description: 'Ends with the first of `verdicts` that holds.' }), say: Type.Optional(Text('Last words, whatever the verdict.')), words: Type.Optional(strict({ end: Type.Optional(Text('')), continue: Type.Optional(Text('')), redial_at: Type.Optional(Text('')), follow_up: Type.Optional(Text('')), handoff: Type.Optional(Text('')) }, 'Last words by kind of verdict.')) });

export const HandoffNode = strict({ handoff: Type.String({ minLength: 1, maxLength: 64, description: 'Queue in which the work waits for a person.' }), say: Type.Optional(Text('Last words.')), reason: Reason });

export const ScheduleNode = strict({ schedule: Identifier('Slot of kind datetime: when to call again. It is asked for if it is not known.'), say: Type.Optional(Text('Last words.')), ...listening, intents, universal, reason: Reason, in_minutes: Type.Optional(Type.Integer({ minimum: 1, maximum: 43_200, description: 'From now, where no time was heard. Default 1440.' })) });

export const SwitchNode = strict({ switch_flow: Type.String({ pattern: '^[a-z0-9][a-z0-9._-]{0,63}$', description: 'Another flow, in which the call goes on: mostly the same in another language. What is known goes along by the names of the variables.' }), say: Type.Optional(Text('Said before.')), failed: Target('Where to go if there is no such flow, or nobody who hears and speaks its language.') });

export const nodesOfVersion2 = { collect: CollectNode, choose: ChooseNode, answer: AnswerNode, generate: GenerateNode, action: ActionNode, run: RunNode, verdict: VerdictNode, handoff: HandoffNode, schedule: ScheduleNode, switch_flow: SwitchNode } as const;

export type CollectNode = Static<typeof CollectNode>;
export type ChooseNode = Static<typeof ChooseNode>;
export type AnswerNode = Static<typeof AnswerNode>;
export type GenerateNode = Static<typeof GenerateNode>;
export type ActionNode = Static<typeof ActionNode>;
export type RunNode = Static<typeof RunNode>;
export type VerdictNode = Static<typeof VerdictNode>;
export type HandoffNode = Static<typeof HandoffNode>;
export type ScheduleNode = Static<typeof ScheduleNode>;
export type SwitchNode = Static<typeof SwitchNode>;
export type FlowSlot = Static<typeof Slot>;
