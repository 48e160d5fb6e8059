import type { Config } from '../../config/schema.js';
import { TrunklineError } from '../../kernel/errors.js';
import { isTimeZone } from '../../kernel/time-zone.js';

/** The section `rules` of the configuration, and the zone that stands in where none is known. */
export interface RuleSettings {
  readonly rules: Config['rules'];
  /** IANA zone of this installation. */
  readonly timeZone: string;
}

export function checkRuleSettings({ rules, timeZone }: RuleSettings): RuleSettings {
  if (!isTimeZone(timeZone)) throw new TrunklineError('TRK_CONFIG_INVALID', { params: { reason: 'this is no IANA time zone' }, field: 'time_zone' });
  return { rules, timeZone };
}
