/**
 * PORT: systems outside that a flow asks during a call (customer data, free
 * appointments). Only what the configuration names can be asked. Test:
 * `test/call/http-lookups.test.ts`.
 */
export type LookupValues = Readonly<Record<string, string | number | boolean>>;

export interface Lookups {
  /** Values of the answer by path, e.g. `customer.balance`. TRK_LOOKUP_UNKNOWN, TRK_LOOKUP_FAILED, TRK_LOOKUP_DEADLINE. */
  run(name: string, input: LookupValues, options: { readonly deadlineMs: number; readonly signal: AbortSignal }): Promise<LookupValues>;
}
