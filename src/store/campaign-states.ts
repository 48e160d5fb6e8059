import type { CampaignState } from './campaigns.js';

/** What can happen to a campaign. */
export type CampaignEvent =
  | 'start'
  | 'pause'
  | 'resume'
  /** Nothing of it is left to be dialled. */
  | 'finish'
  | 'stop';

/**
 * The one table of the campaign machine. A campaign that has ended stays so: its results
 * are a record; whoever wants more calls makes another one.
 */
const campaignStates: Readonly<Record<CampaignState, Readonly<Partial<Record<CampaignEvent, CampaignState>>>>> = {
  draft: { start: 'running', stop: 'stopped' },
  running: { pause: 'paused', finish: 'finished', stop: 'stopped' },
  // Calls that were on their way when it was paused may have been its last.
  paused: { resume: 'running', finish: 'finished', stop: 'stopped' },
  finished: {},
  stopped: {},
};

/** The state after `event`; undefined means that the event changes nothing in this state. */
export function nextCampaignState(state: CampaignState, event: CampaignEvent): CampaignState | undefined {
  return campaignStates[state][event];
}
