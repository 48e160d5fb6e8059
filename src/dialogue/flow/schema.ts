import { Type } from '@sinclair/typebox';
import type { Static, TObject, TProperties } from '@sinclair/typebox';

/**
 * Flow files, version 1. The JSON Schema for editors (`schemas/flow.schema.json`) is
 * this object; a test keeps them equal. What a schema cannot say (targets exist,
 * variables are declared, ...) is in check.ts. Times are ms.
 */
const strict = <T extends TProperties>(properties: T, description?: string): TObject<T> =>
  Type.Object(properties, { additionalProperties: false, ...(description === undefined ? {} : { description }) });

/** The mouth takes at most 1,000 characters; variables need room too. */
const MAX_TEXT = 800;

const Text = (description: string) => Type.String({ minLength: 1, maxLength: MAX_TEXT, description });
const Identifier = (description: string) => Type.String({ pattern: '^[a-z][a-z0-9_]{0,63}$', description });
const Target = (description: string) => Type.String({ pattern: '^[a-z][a-z0-9_]{0,63}$', description: `${description} \`back\` returns to the last question.` });
const Scalar = Type.Union([Type.String({ maxLength: MAX_TEXT }), Type.Number(), Type.Boolean()]);

const listening = {
  barge_in: Type.Optional(Type.Boolean({ description: 'The caller may interrupt. Default true.' })),
  silence_ms: Type.Optional(Type.Integer({ minimum: 1000, maximum: 60_000, description: 'Silence after the prompt that counts as no answer, ms. Default 6000.' })),
  accept: Type.Optional(Type.Number({ minimum: 0, maximum: 1, description: 'An intent this sure is acted on. Default 0.5.' })),
  ask_again: Type.Optional(Type.Number({ minimum: 0, maximum: 1, description: 'Between this and `accept` the question is asked again; below it nothing fits. Default 0.25.' })),
  reprompt: Type.Optional(Text('Said when the answer was not understood. In `defaults` the question follows it; in a node it is the whole text.')),
  silence_reprompt: Type.Optional(Text('Said when there was no answer. In `defaults` the question follows it; in a node it is the whole text.')),
};

const Variable = strict({
  required: Type.Optional(Type.Boolean({ description: 'The task must bring it. Default: true if there is no `default`.' })),
  default: Type.Optional(Scalar),
  description: Type.Optional(Type.String({ maxLength: MAX_TEXT })),
});

const Action = strict(
  {
    examples: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 300 }), { maxItems: 500, description: 'Phrases that mean this. May be left out if the name is one of the universal intents.' })),
    set: Type.Optional(Type.Record(Type.String(), Scalar, { description: 'Variables to set.' })),
    say: Type.Optional(Text('Said before going on.')),
    goto: Type.Optional(Target('Where to go. Default `back`.')),
  },
  'What to do when the caller means this.',
);

const Comparison = {
  equals: Type.Optional(Scalar),
  not_equals: Type.Optional(Scalar),
  in: Type.Optional(Type.Array(Scalar, { minItems: 1, maxItems: 200 })),
  at_least: Type.Optional(Type.Number()),
  at_most: Type.Optional(Type.Number()),
  above: Type.Optional(Type.Number()),
  below: Type.Optional(Type.Number()),
  is_set: Type.Optional(Type.Boolean()),
};

const Condition = strict({ variable: Identifier('Variable to look at.'), ...Comparison }, 'All comparisons given must hold.');
const When = Type.Union([
  Condition,
  strict({ all: Type.Array(Condition, { minItems: 1, maxItems: 20 }) }),
  strict({ any: Type.Array(Condition, { minItems: 1, maxItems: 20 }) }),
]);

export const SayNode = strict({ say: Text('What to say.'), barge_in: listening.barge_in, next: Target('The next node.') });

export const AskNode = strict({
  ask: Text('The question.'),
  kind: Type.Union([Type.Literal('intents'), Type.Literal('yes_no'), Type.Literal('digits'), Type.Literal('time'), Type.Literal('text')], { description: 'What kind of answer.' }),
  slot: Type.Optional(Identifier('Variable that keeps the answer.')),
  again: Type.Optional(Text('Said instead of the question when the talk comes back to it.')),
  ...listening,
  intents: Type.Optional(Type.Record(Type.String({ pattern: '^[a-z][a-z0-9_]{0,63}$' }), Action, { description: 'What else, or what at all, may be meant.' })),
  universal: Type.Optional(Type.Boolean({ description: 'false shuts the universal intents off in this node.' })),
  yes: Type.Optional(Target('kind yes_no: next node after yes.')),
  no: Type.Optional(Target('kind yes_no: next node after no.')),
  next: Type.Optional(Target('kinds digits, time, text: next node after an answer.')),
  otherwise: Type.Optional(Target('kind intents: next node when the answer fits nothing; without it the question is asked again.')),
  min_digits: Type.Optional(Type.Integer({ minimum: 1, maximum: 40, description: 'kind digits: fewest digits. Default: max_digits.' })),
  max_digits: Type.Optional(Type.Integer({ minimum: 1, maximum: 40, description: 'kind digits: most digits.' })),
  fallback: Type.Optional(Target('Where to go after the second failure. Default: the fallback of the flow.')),
});

export const BranchNode = strict({
  branch: Type.Array(strict({ when: When, goto: Target('Where to go if it holds.') }), { minItems: 1, maxItems: 50, description: 'The first that holds wins.' }),
  otherwise: Target('Where to go if none holds.'),
});

export const SetNode = strict({ set: Type.Record(Type.String(), Scalar, { minProperties: 1, description: 'Variables and their values; a text may hold {variables}.' }), next: Target('The next node.') });

export const EndNode = strict({
  end: Type.Union([Type.Literal('end'), Type.Literal('continue'), Type.Literal('redial_at'), Type.Literal('follow_up'), Type.Literal('handoff')], { description: 'The verdict.' }),
  say: Type.Optional(Text('Last words.')),
  reason: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'Why, for the result. Needed for all verdicts but `continue`.' })),
  at: Type.Optional(Identifier('redial_at: slot of kind time.')),
  in_minutes: Type.Optional(Type.Integer({ minimum: 1, maximum: 43_200, description: 'redial_at: from now, when no time was understood.' })),
  channel: Type.Optional(Type.String({ minLength: 1, maxLength: 64, description: 'follow_up: e.g. email.' })),
  template: Type.Optional(Type.String({ minLength: 1, maxLength: 64, description: 'follow_up: template name.' })),
  queue: Type.Optional(Type.String({ minLength: 1, maxLength: 64, description: 'handoff: queue name.' })),
});

export const nodeSchemas = { say: SayNode, ask: AskNode, branch: BranchNode, set: SetNode, end: EndNode } as const;

const head = {
  trunkline: Type.Literal(1, { description: 'Version of the file format.' }),
  id: Type.String({ pattern: '^[a-z0-9][a-z0-9._-]{0,63}$', description: 'Name of the flow.' }),
  description: Type.Optional(Type.String({ maxLength: 2000 })),
  language: Type.String({ pattern: '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$', description: 'BCP 47, e.g. en-US.' }),
  voice: Type.Optional(Type.String({ maxLength: 100, description: 'Voice name; default is the configured one.' })),
  start: Identifier('First node.'),
  variables: Type.Optional(Type.Record(Type.String({ pattern: '^[a-z][a-z0-9_]{0,63}$' }), Variable)),
  apology: Type.Optional(Text('Said when a part of the system was lost for a moment.')),
  defaults: Type.Optional(strict({ ...listening, max_turns: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, description: 'Answers in one call before it ends. Default 60.' })) })),
  fallback: Type.Optional(Identifier('Node after the second failure of a question.')),
  universal: Type.Optional(
    Type.Record(Type.String({ pattern: '^[a-z][a-z0-9_]{0,63}$' }), Type.Union([Type.Literal(true), Action]), {
      description: 'Intents handled in every question. `true` takes the built-in behaviour.',
    }),
  ),
} as const;

const nodesOf = <T extends Parameters<typeof Type.Record>[1]>(node: T) =>
  Type.Record(Type.String({ pattern: '^[a-z][a-z0-9_]{0,63}$' }), node, { minProperties: 1, maxProperties: 1000 });

/** Everything but the inside of the nodes: those are checked by their own kind, for messages that help. */
export const FlowShell = strict({ ...head, nodes: nodesOf(Type.Object({})) });

/** The whole file, for editors. */
export const FlowSchema = strict({ ...head, nodes: nodesOf(Type.Union([SayNode, AskNode, BranchNode, SetNode, EndNode])) }, 'A trunkline flow.');

export type SayNode = Static<typeof SayNode>;
export type AskNode = Static<typeof AskNode>;
export type BranchNode = Static<typeof BranchNode>;
export type SetNode = Static<typeof SetNode>;
export type EndNode = Static<typeof EndNode>;
export type FlowNode = SayNode | AskNode | BranchNode | SetNode | EndNode;
export type FlowAction = Static<typeof Action>;
export type FlowCondition = Static<typeof Condition>;
export type FlowWhen = Static<typeof When>;
export type FlowFile = Omit<Static<typeof FlowShell>, 'nodes'> & { nodes: Record<string, FlowNode> };
export type NodeKind = keyof typeof nodeSchemas;

export const BACK = 'back';
