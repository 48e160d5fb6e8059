import type { Campaign, CampaignSettings } from '../../../src/store/campaigns.js';
import type { Contact } from '../../../src/store/contacts.js';

/** Settings that need nothing but an audience and the flow `greeting`. */
export const settings = (changes: Partial<CampaignSettings> = {}): CampaignSettings => ({
  name: 'Spring',
  audiences: ['aud_1'],
  flow: 'greeting',
  flowVersion: undefined,
  purpose: 'marketing',
  variables: {},
  categories: [],
  startsAt: undefined,
  endsAt: undefined,
  timeZone: 'Europe/London',
  hoursIn: 'callee',
  hours: { mon: [{ from: '09:00', to: '20:00' }] },
  recurrence: undefined,
  holidays: ['callee'],
  priority: 50,
  retry: { maxAttempts: 3, delays: { busy: [600_000] }, varyDayPart: false },
  pacing: { mode: 'ai', maxCalls: undefined, callsPerSecond: undefined, weight: 10 },
  callerNumbers: [],
  ownerTeam: undefined,
  spendCap: undefined,
  ...changes,
});

export const campaign = (changes: Partial<Campaign> = {}): Campaign => ({
  ...settings(),
  id: 'camp_1',
  state: 'running',
  revision: 1,
  round: 1,
  nextRoundAt: undefined,
  flowVersions: { greeting: 2 },
  startedAt: undefined,
  endedAt: undefined,
  createdAt: 0,
  updatedAt: 0,
  ...changes,
});

export const contact = (changes: Partial<Contact> = {}): Contact => ({
  id: 'con_1',
  externalId: undefined,
  numbers: [{ number: '+14155550100', kind: 'fixed_or_mobile', country: 'US', label: undefined }],
  name: 'Ms Miller',
  email: undefined,
  language: 'en-US',
  timeZones: ['America/Los_Angeles'],
  address: {},
  attributes: {},
  tags: [],
  consents: [],
  history: { calls: 0, lastCallAt: undefined, lastDisposition: undefined, lastVerdict: undefined, slots: {} },
  createdAt: 0,
  updatedAt: 0,
  ...changes,
});
