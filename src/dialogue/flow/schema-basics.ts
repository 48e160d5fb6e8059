import { Type } from '@sinclair/typebox';
import type { TObject, TProperties } from '@sinclair/typebox';

/** What all parts of the flow schema are made of. Times are ms. */
export const strict = <T extends TProperties>(properties: T, description?: string): TObject<T> =>
  Type.Object(properties, { additionalProperties: false, ...(description === undefined ? {} : { description }) });

/** The mouth takes at most 1,000 characters; variables need room too. */
export const MAX_TEXT = 800;

export const Text = (description: string) => Type.String({ minLength: 1, maxLength: MAX_TEXT, description });
export const Identifier = (description: string) => Type.String({ pattern: '^[a-z][a-z0-9_]{0,63}$', description });
export const Target = (description: string) => Type.String({ pattern: '^[a-z][a-z0-9_]{0,63}$', description: `${description} \`back\` returns to the last question.` });
export const Scalar = Type.Union([Type.String({ maxLength: MAX_TEXT }), Type.Number(), Type.Boolean()]);

export const listening = {
  barge_in: Type.Optional(Type.Boolean({ description: 'The caller may interrupt. Default true.' })),
  silence_ms: Type.Optional(Type.Integer({ minimum: 1000, maximum: 60_000, description: 'Silence after the prompt that counts as no answer, ms. Default 6000.' })),
  accept: Type.Optional(Type.Number({ minimum: 0, maximum: 1, description: 'An intent this sure is acted on. Default 0.5.' })),
  ask_again: Type.Optional(Type.Number({ minimum: 0, maximum: 1, description: 'Between this and `accept` the question is asked again; below it nothing fits. Default 0.25.' })),
  reprompt: Type.Optional(Text('Said when the answer was not understood. In `defaults` the question follows it; in a node it is the whole text.')),
  silence_reprompt: Type.Optional(Text('Said when there was no answer. In `defaults` the question follows it; in a node it is the whole text.')),
  help: Type.Optional(Text('Version 2. Said after the second failure instead of `reprompt`: longer, with an example.')),
};

export const Examples = Type.Array(Type.String({ minLength: 1, maxLength: 300 }), { maxItems: 500, description: 'Phrases that mean this; with `trunkline: 2` they may hold {variables}: "{name} speaking". May be left out if the name is one of the universal intents.' });

export const Action = strict(
  {
    examples: Type.Optional(Examples),
    called: Type.Optional(Type.String({ minLength: 1, maxLength: 80, description: 'Version 2. What it is called in "Did you mean ...?": the price, another appointment.' })),
    set: Type.Optional(Type.Record(Type.String(), Scalar, { description: 'Variables to set.' })),
    say: Type.Optional(Text('Said before going on.')),
    goto: Type.Optional(Target('Where to go. Default `back`.')),
  },
  'What to do when the caller means this.',
);

export const Intents = (description: string) =>
  Type.Optional(Type.Record(Type.String({ pattern: '^[a-z][a-z0-9_]{0,63}$' }), Type.Union([Type.Literal(true), Action]), { description: `${description} Version 2: \`true\` takes the built-in behaviour of a universal intent, also where \`universal\` is false.` }));
