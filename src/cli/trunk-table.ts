import { table } from './output.js';

/** A trunk as `GET /v1/trunks` tells of it. */
export interface LiveTrunk {
  readonly name: string;
  readonly max_channels: number;
  readonly status: {
    readonly state: string;
    readonly reason?: string;
    readonly channels: number;
    readonly lastHour: { readonly attempts: number; readonly answered: number; readonly asr?: number; readonly ner?: number; readonly acdMs?: number; readonly pddMs?: number };
    readonly registration: { readonly state: string; readonly error?: string };
  };
}

const NONE = '-';

/** One line a trunk: state, channels, and its outbound calls of the last hour. */
export function liveTable(trunks: readonly LiveTrunk[]): string {
  const percent = (ratio: number | undefined): string => (ratio === undefined ? NONE : `${(ratio * 100).toFixed(0)}%`);
  const seconds = (ms: number | undefined): string => (ms === undefined ? NONE : `${(ms / 1_000).toFixed(1)} s`);
  return table(
    ['name', 'state', 'registration', 'channels', 'calls 1 h', 'ASR', 'NER', 'ACD', 'PDD'],
    trunks.map(({ name, max_channels: limit, status }) => {
      const { lastHour, registration, state, reason, channels } = status;
      return [
        name,
        reason === undefined ? state : `${state} (${reason})`,
        registration.error === undefined ? registration.state : `${registration.state} (${registration.error})`,
        limit > 0 ? `${channels}/${limit}` : String(channels),
        String(lastHour.attempts),
        percent(lastHour.asr),
        percent(lastHour.ner),
        seconds(lastHour.acdMs),
        seconds(lastHour.pddMs),
      ];
    }),
  );
}
