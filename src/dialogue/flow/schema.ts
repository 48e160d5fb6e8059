import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { Action, Identifier, Intents, MAX_TEXT, Scalar, Target, Text, listening, strict } from './schema-basics.js';
import { ExpressionText, headOfVersion2, nodesOfVersion2 } from './schema-v2.js';
import type { ActionNode, AnswerNode, ChooseNode, CollectNode, GenerateNode, HandoffNode, RunNode, ScheduleNode, VerdictNode } from './schema-v2.js';

/**
 * Flow files, versions 1 and 2. The JSON Schema for editors (`schemas/flow.schema.json`)
 * is this object; a test keeps them equal. What a schema cannot say (targets exist,
 * variables are declared, ...) is in check.ts. Times are ms.
 */
export const Variable = strict({
  required: Type.Optional(Type.Boolean({ description: 'The task must bring it. Default: true if there is no `default`.' })),
  default: Type.Optional(Scalar),
  example: Type.Optional(Type.Union([...Scalar.anyOf], { description: 'To try the flow with: `flow chat` takes it where no value is given. Calls never get it.' })),
  description: Type.Optional(Type.String({ maxLength: MAX_TEXT })),
});

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

export const Condition = strict({ variable: Identifier('Variable to look at.'), ...Comparison }, 'All comparisons given must hold.');
export const When = Type.Union([
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
  intents: Intents('What else, or what at all, may be meant.'),
  universal: Type.Optional(Type.Boolean({ description: 'false shuts the universal intents off in this node.' })),
  yes: Type.Optional(Target('kind yes_no: next node after yes.')),
  no: Type.Optional(Target('kind yes_no: next node after no.')),
  next: Type.Optional(Target('kinds digits, time, text: next node after an answer.')),
  anew: Type.Optional(Type.Boolean({ description: 'Version 2. true asks even if the value of `slot` is known.' })),
  otherwise: Type.Optional(Target('kind intents: next node when the answer fits nothing; without it the question is asked again.')),
  min_digits: Type.Optional(Type.Integer({ minimum: 1, maximum: 40, description: 'kind digits: fewest digits. Default: max_digits.' })),
  max_digits: Type.Optional(Type.Integer({ minimum: 1, maximum: 40, description: 'kind digits: most digits.' })),
  fallback: Type.Optional(Target('Where to go after the second failure. Default: the fallback of the flow.')),
});

export const BranchNode = strict({
  branch: Type.Array(strict({ when: Type.Union([When, ExpressionText('Version 2.')]), goto: Target('Where to go if it holds.') }), { minItems: 1, maxItems: 50, description: 'The first that holds wins.' }),
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

export const TransferNode = strict({
  transfer: Type.String({ minLength: 1, maxLength: 256, description: 'Number in E.164 or SIP URI; may hold {variables}.' }),
  mode: Type.Optional(Type.Union([Type.Literal('blind'), Type.Literal('attended')], { description: 'Default attended.' })),
  say: Type.Optional(Text('Said before.')),
  queue: Type.String({ minLength: 1, maxLength: 64, description: 'Queue of the verdict `handoff` if it works.' }),
  reason: Type.String({ minLength: 1, maxLength: 200, description: 'Why, for the result.' }),
  failed: Target('Where to go if it does not work.'),
});

export const nodeSchemas = { say: SayNode, ask: AskNode, branch: BranchNode, set: SetNode, transfer: TransferNode, end: EndNode, ...nodesOfVersion2 } as const;

const head = {
  trunkline: Type.Union([Type.Literal(1), Type.Literal(2)], { description: 'Version of the file format.' }),
  id: Type.String({ pattern: '^[a-z0-9][a-z0-9._-]{0,63}$', description: 'Name of the flow.' }),
  description: Type.Optional(Type.String({ maxLength: 2000 })),
  language: Type.String({ pattern: '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$', description: 'BCP 47, e.g. en-US.' }),
  voice: Type.Optional(Type.String({ maxLength: 100, description: 'Voice name; default is the configured one.' })),
  start: Identifier('First node.'),
  variables: Type.Optional(Type.Record(Type.String({ pattern: '^[a-z][a-z0-9_]{0,63}$' }), Variable)),
  apology: Type.Optional(Text('Said when a part of the system was lost for a moment.')),
  defaults: Type.Optional(strict({ ...listening, max_turns: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, description: 'Answers in one call before it ends. Default 60.' })) })),
  fallback: Type.Optional(Identifier('Node after the last failure of a question: the second in version 1, the third in version 2.')),
  universal: Type.Optional(
    Type.Record(Type.String({ pattern: '^[a-z][a-z0-9_]{0,63}$' }), Type.Union([Type.Literal(true), Action]), {
      description: 'Intents handled in every question. `true` takes the built-in behaviour.',
    }),
  ),
  ...headOfVersion2,
} as const;

const nodesOf = <T extends Parameters<typeof Type.Record>[1]>(node: T) =>
  Type.Record(Type.String({ pattern: '^[a-z][a-z0-9_]{0,63}$' }), node, { minProperties: 1, maxProperties: 1000 });

/** Everything but the inside of the nodes: those are checked by their own kind, for messages that help. */
export const FlowShell = strict({ ...head, nodes: nodesOf(Type.Object({})) });

/** The whole file, for editors. */
export const FlowSchema = strict({ ...head, nodes: nodesOf(Type.Union([SayNode, AskNode, BranchNode, SetNode, TransferNode, EndNode, ...Object.values(nodesOfVersion2)])) }, 'A trunkline flow.');

export type SayNode = Static<typeof SayNode>;
export type AskNode = Static<typeof AskNode>;
export type BranchNode = Static<typeof BranchNode>;
export type SetNode = Static<typeof SetNode>;
export type TransferNode = Static<typeof TransferNode>;
export type EndNode = Static<typeof EndNode>;
export type FlowNode = SayNode | AskNode | BranchNode | SetNode | TransferNode | EndNode | CollectNode | ChooseNode | AnswerNode | GenerateNode | ActionNode | RunNode | VerdictNode | HandoffNode | ScheduleNode;
export type FlowAction = Static<typeof Action>;
export type FlowCondition = Static<typeof Condition>;
export type FlowWhen = Static<typeof When>;
export type FlowFile = Omit<Static<typeof FlowShell>, 'nodes'> & { nodes: Record<string, FlowNode> };
export type NodeKind = keyof typeof nodeSchemas;

export const BACK = 'back';
/** Target: the node after the one that ran this sub-flow. */
export const RETURN = 'return';
