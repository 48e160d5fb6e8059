import type { Config } from '../../config/schema.js';
import type { TurnKind } from './types.js';

/**
 * Silence after the last speech frame that ends the turn, ms.
 *
 * People dictate digits in groups, so an unfinished number gets the long delay.
 * Who gives a date or a name stops in the middle, too, though less long.
 * A word that already answers the question cannot be improved by waiting.
 */
export function endDelayMs(config: Config['turn'], { kind, complete, patient }: { kind: TurnKind; complete: boolean; patient: boolean }): number {
  switch (kind) {
    case 'yes_no':
      return complete ? config.end_short_ms : Math.max(config.end_short_ms, config.end_normal_ms);
    case 'digits':
      return complete ? config.end_short_ms : config.end_long_ms;
    case 'open':
      return patient ? Math.max(config.end_patient_ms, config.end_normal_ms) : config.end_normal_ms;
  }
}
