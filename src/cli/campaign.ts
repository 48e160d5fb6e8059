import { TrunklineError } from '../kernel/errors.js';
import { configFrom } from './arguments.js';
import { readCampaignFile } from './campaign-file.js';
import { campaignList, campaignProgress, previewText } from './campaign-table.js';
import type { CampaignPreview, LiveCampaign } from './campaign-table.js';
import { EXIT } from './output.js';
import type { Output } from './output.js';
import { fetchFrom, postTo, serverUrl } from './server-client.js';

export interface CampaignOptions {
  readonly config?: string;
  readonly url?: string;
}

const urlOf = (options: CampaignOptions): string => serverUrl(configFrom(options.config), options);
const pathOf = (id: string): string => `/v1/campaigns/${encodeURIComponent(id)}`;

/** Makes a draft of a campaign file. */
export async function create(output: Output, file: string, options: CampaignOptions & { readonly audience?: readonly string[] }): Promise<number> {
  const given = readCampaignFile(file);
  const json = options.audience === undefined || typeof given !== 'object' ? given : { ...given, audiences: options.audience };
  const made = (await (await postTo(urlOf(options), '/v1/campaigns', json)).json()) as LiveCampaign;
  output.out(output.json ? JSON.stringify(made) : made.id);
  output.note(`A draft. See who would be called: trunkline campaign preview ${made.id}; then: trunkline campaign start ${made.id}`);
  return EXIT.ok;
}

export async function list(output: Output, options: CampaignOptions): Promise<number> {
  const url = urlOf(options);
  const all: LiveCampaign[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = (await (await fetchFrom(url, `/v1/campaigns?limit=1000${cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`}`)).json()) as { items: LiveCampaign[]; next?: string };
    all.push(...page.items);
    cursor = page.next;
    if (cursor === undefined) break;
  }
  output.out(output.json ? JSON.stringify(all) : all.length === 0 ? 'There are no campaigns. docs/campaigns.md says how to make one.' : campaignList(all));
  return EXIT.ok;
}

export async function show(output: Output, id: string, options: CampaignOptions): Promise<number> {
  const campaign = (await (await fetchFrom(urlOf(options), pathOf(id))).json()) as LiveCampaign;
  output.out(output.json ? JSON.stringify(campaign) : campaignProgress(campaign));
  return EXIT.ok;
}

export async function preview(output: Output, id: string, options: CampaignOptions): Promise<number> {
  const answer = (await (await postTo(urlOf(options), `${pathOf(id)}:preview`)).json()) as CampaignPreview;
  output.out(output.json ? JSON.stringify(answer) : previewText(answer));
  return EXIT.ok;
}

/** TRK_USAGE. */
export async function move(output: Output, verb: 'start' | 'pause' | 'resume' | 'stop', id: string, options: CampaignOptions & { readonly revision?: string }): Promise<number> {
  const revision = options.revision === undefined ? undefined : Number(options.revision);
  if (revision !== undefined && !(Number.isSafeInteger(revision) && revision > 0)) throw new TrunklineError('TRK_USAGE', { params: { reason: '--revision wants a number.' }, field: '--revision' });
  const campaign = (await (await postTo(urlOf(options), `${pathOf(id)}:${verb}`, revision === undefined ? undefined : { revision })).json()) as LiveCampaign;
  output.out(output.json ? JSON.stringify(campaign) : `${campaign.name}: ${campaign.state}, revision ${campaign.revision}`);
  return EXIT.ok;
}
