import { FlowSchema } from './schema.js';

/** The JSON Schema of flow files, for editors and other programs: `schemas/flow.schema.json`. */
export function flowJsonSchema(): string {
  const head = { $schema: 'http://json-schema.org/draft-07/schema#', title: 'trunkline flow, versions 1 and 2' };
  return `${JSON.stringify({ ...head, ...FlowSchema }, undefined, 2)}\n`;
}
