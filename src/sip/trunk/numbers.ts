import type { TrunkSettings } from '../../config/trunk-schema.js';

/** The declared rewriting of a trunk: pure functions from number to number. */
type Rule = TrunkSettings['rewrite']['out']['called'][number];

/** The first rule that holds, once: rules never feed each other. */
function applyRules(rules: readonly Rule[], number: string): string {
  const rule = rules.find(({ strip_prefix: prefix }) => number.startsWith(prefix));
  return rule === undefined ? number : `${rule.add_prefix}${number.slice(rule.strip_prefix.length)}`;
}

/** What a number of ours looks like to the carrier. Text that is no number (`trunkline`) stays. */
export function rewriteOut(trunk: TrunkSettings, kind: 'called' | 'caller', number: string): string {
  const { out } = trunk.rewrite;
  const rewritten = applyRules(out[kind], number);
  return out.format === 'digits' ? rewritten.replace(/^\+(?=\d)/, '') : rewritten;
}

/** What a number of the carrier's looks like to us. */
export function rewriteIn(trunk: TrunkSettings, kind: 'called' | 'caller', number: string): string {
  const rules = trunk.rewrite.in;
  const rewritten = applyRules(rules[kind], number);
  // Only what still has no plus: a rule may have made E.164 already.
  return rules.format === 'digits' && /^[1-9]\d{5,14}$/.test(rewritten) ? `+${rewritten}` : rewritten;
}

/** Without the plus, so that a carrier's habit of leaving it out does not decide who may call. */
export function sameNumber(left: string, right: string): boolean {
  return left.replace(/^\+/, '') === right.replace(/^\+/, '');
}
