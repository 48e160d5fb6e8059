import fc from 'fast-check';

/**
 * fast-check for tests, with one seed for all: what passed once passes again, and a run that fails is one that
 * everybody can have. `npm run fuzz` looks further with seeds of its own (test/fuzz/properties.ts).
 */
const SEED = 20261129;

fc.configureGlobal({ seed: Number(process.env['PROPERTY_SEED'] ?? SEED) });

export { default } from 'fast-check';
