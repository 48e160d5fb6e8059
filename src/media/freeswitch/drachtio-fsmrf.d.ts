/** The package has no types; `fsmrf-types.ts` says what is used of it. */
declare module 'drachtio-fsmrf' {
  const Mrf: unknown;
  export default Mrf;
}
