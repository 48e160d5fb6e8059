/** PORT, part of the store: what calls came to, counted. Times are ms since the epoch. */
export const statisticKeys = ['campaign', 'category', 'flow', 'flow_version', 'caller', 'disposition', 'verdict', 'hour'] as const;

/** `hour`: of the day, in a zone that the query names. */
export type StatisticKey = (typeof statisticKeys)[number];

export interface StatisticQuery {
  readonly by: StatisticKey;
  readonly campaignId?: string;
  /** Dials that began in `from` <= t < `to`. */
  readonly from: number;
  readonly to: number;
  /** IANA zone of the hours. */
  readonly timeZone: string;
}

/** The funnel of one group of dials. */
export interface StatisticRow {
  /** Of the group: an id, a name, `14` for the hour from 14:00; empty where there is none. */
  readonly key: string;
  readonly attempts: number;
  /** Somebody or something took the call. */
  readonly answered: number;
  /** A person did. */
  readonly human: number;
  /** Tasks that ended with their result. */
  readonly results: number;
  /** Dials whose verdict asks for more, also where the task was tried again. */
  readonly followUps: number;
  readonly handoffs: number;
  readonly redials: number;
  /** From the answer to the end, ms, summed. */
  readonly talkMs: number;
}

export interface StatisticStore {
  /** Outbound dials that ended, by groups, the largest first; at most 1,000 groups. */
  statistics(query: StatisticQuery): Promise<readonly StatisticRow[]>;
  /** Dials of a campaign that began in a span of time, and those of them that a person answered. */
  campaignDay(id: string, from: number, to: number): Promise<{ readonly attempts: number; readonly answered: number }>;
}
