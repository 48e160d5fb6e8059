import { setImmediate as nextTurn } from 'node:timers/promises';
import type { TrunkSettings } from '../../config/trunk-schema.js';
import { TrunklineError } from '../../kernel/errors.js';
import type { NodeStore, StoreChange } from '../nodes.js';
import type { StatisticQuery } from '../statistics.js';
import type { NewOutboxEntry, OutboxChannel, OutboxEnd, OutboxEntry, OutboxStore, WebhookEndpoint } from '../outbox.js';
import type { ApiKeyRecord, CallResult, NewTask, ResultQuery, Store, TaskState } from '../store.js';
import type { ContactQuery, PersonQuery } from '../contacts.js';
import * as attempts from './attempts.js';
import * as audiences from './audiences.js';
import { declareAttributes, listAttributes } from './contact-attributes.js';
import * as imports from './contact-imports.js';
import * as people from './contact-people.js';
import { saveContacts } from './contact-saving.js';
import * as contacts from './contacts.js';
import { sampleContacts } from './contact-samples.js';
import type { Subjects } from '../subjects.js';
import type { ComplianceQuery, NewComplianceEntry, NewSuppression, OptOut, SuppressionQuery } from '../rules.js';
import * as compliance from './compliance.js';
import { backup, restore } from './backup.js';
import type { CampaignSettings, CampaignState, FillStep } from '../campaigns.js';
import type { Team } from '../outbox.js';
import type { CampaignEvent } from '../campaign-states.js';
import type { AttemptEnding, AttemptOrder } from '../dialing.js';
import * as campaigns from './campaigns.js';
import * as campaignFigures from './campaign-figures.js';
import * as campaignFills from './campaign-fills.js';
import type { StoreContext } from './context.js';
import * as dialing from './dialing.js';
import { pastOf } from './dial-past.js';
import { EventTable, TRIM_EVERY } from './events.js';
import { migrate } from './migrate.js';
import { NodeWatch, beat, leave, livingNodes } from './nodes.js';
import * as outbox from './outbox.js';
import * as recordings from './recordings.js';
import * as records from './records.js';
import * as retention from './retention.js';
import * as results from './results.js';
import * as suppressions from './suppressions.js';
import * as statistics from './statistics.js';
import * as tasks from './tasks.js';
import * as teams from './teams.js';
import * as trunks from './trunks.js';
import { Turns } from './turns.js';
import * as webhooks from './webhooks.js';

/** A method that collided with others on PostgreSQL is run again this often before it is an error. */
const TRIES = 8;

export interface SqlStoreOptions {
  /** Newest events kept for resuming. */
  eventsKept: number;
  /** Runs when all is closed, e.g. to free the lock of the data directory. */
  onClosed?: () => void;
}

/** Every method: closed is TRK_CLOSED, and whatever the database throws leaves as a coded error. */
export class SqlStore implements Store {
  readonly #context: StoreContext;
  readonly subjects: Subjects;
  readonly #events: EventTable;
  readonly #nodes = new NodeWatch();
  /** Undefined: the database works elsewhere, and waiting for it lets others run. */
  readonly #turns: Turns | undefined;
  readonly #listeners = new Set<(change: StoreChange) => void>();
  readonly #onClosed: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  constructor(parts: Omit<StoreContext, 'news'>, options: SqlStoreOptions) {
    const context: StoreContext = { ...parts, news: { kept: options.eventsKept, sinceTrim: TRIM_EVERY, told: 0 } };
    this.#context = context;
    this.subjects = context.subjects;
    this.#events = new EventTable(context);
    this.#onClosed = options.onClosed;
    this.#turns = context.dialect.name === 'sqlite' ? new Turns(context.clock) : undefined;
  }

  #run<T>(work: (context: StoreContext) => Promise<T>): Promise<T> {
    return this.#turns === undefined ? this.#try(work) : this.#turns.take(() => this.#try(work));
  }

  async #try<T>(work: (context: StoreContext) => Promise<T>): Promise<T> {
    const { dialect } = this.#context;
    for (let left = TRIES - 1; ; left--) {
      if (this.#closing !== undefined) throw new TrunklineError('TRK_CLOSED', { params: { what: 'The store' } });
      const { told } = this.#context.news;
      try {
        const done = await work(this.#context);
        if (this.#context.news.told !== told) this.#tellOfEvents();
        return done;
      } catch (error) {
        if (left === 0 || !dialect.isCollision(error)) throw dialect.asStoreError(error);
      }
      await nextTurn();
    }
  }

  /** What a listener does wrong must not make a method fail that has committed. */
  #tellOfEvents(): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener('events');
      } catch (error) {
        this.#context.log.error({ err: error }, 'a listener to events failed');
      }
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#events.settled();
    await this.#context.session.close();
    try {
      // Kysely closes its connection only after it was used once; this makes sure that it was.
      await this.#context.db.connection().execute(() => Promise.resolve());
    } catch {
      // A database that is away needs no goodbye.
    }
    await this.#context.db.destroy();
    this.#onClosed?.();
  }

  migrate = () => this.#run((context) => migrate(context));

  backup: Store['backup'] = (write) => this.#run((context) => backup(context, write));
  restore: Store['restore'] = (lines) => this.#run((context) => restore(context, lines));

  putFlow = (id: string, source: string) => this.#run((context) => records.putFlow(context, id, source));
  getFlow = (id: string, version?: number) => this.#run((context) => records.getFlow(context, id, version));
  listFlows = () => this.#run((context) => records.listFlows(context));

  createTasks = (created: readonly NewTask[], idempotency?: { key: string; requestHash: string }) =>
    this.#run((context) => tasks.createTasks(context, created, idempotency));
  getTask = (id: string) => this.#run((context) => tasks.getTask(context, id));
  listTasks = (query: { state?: TaskState; campaignId?: string; cursor?: string; limit: number }) => this.#run((context) => tasks.listTasks(context, query));
  dueTasks = (limit: number) => this.#run((context) => tasks.dueTasks(context, limit));
  cancelTask = (id: string) => this.#run((context) => tasks.cancelTask(context, id));
  expireTasks = () => this.#run((context) => tasks.expireTasks(context));

  beginAttempt = (taskId: string, nodeId: string, sipCallIdOf: (attemptId: string) => string) =>
    this.#run((context) => dialing.beginAttempt(context, taskId, nodeId, sipCallIdOf));
  markInCall = (attemptId: string) => this.#run((context) => attempts.markInCall(context, attemptId));
  finishAttempt = (attemptId: string, result: CallResult, ending?: AttemptEnding) => this.#run((context) => attempts.finishAttempt(context, attemptId, result, ending));
  dueParties = () => this.#run((context) => dialing.dueParties(context));
  dueTasksOf = (...given: Parameters<Store['dueTasksOf']>) => this.#run((context) => dialing.dueTasksOf(context, ...given));
  screenTasks = (taskIds: readonly string[]) => this.#run((context) => dialing.screenTasks(context, taskIds));
  beginAttempts = (taskIds: readonly string[], order: AttemptOrder) => this.#run((context) => dialing.beginAttempts(context, taskIds, order));
  claimTask = (campaignId: string, claimedBy: string, leaseMs: number) => this.#run((context) => dialing.claimTask(context, campaignId, claimedBy, leaseMs));
  skipTask = (taskId: string, claimedBy: string) => this.#run((context) => dialing.skipTask(context, taskId, claimedBy));
  releaseAttempts = (nodeId: string, running: readonly string[]) => this.#run((context) => dialing.releaseAttempts(context, nodeId, running));
  listAttempts = (taskId: string) => this.#run((context) => dialing.listAttempts(context, taskId));
  answeredSince = (since: number) => this.#run((context) => dialing.answeredSince(context, since));
  resolveTask = (taskId: string, as: 'called' | 'redial') => this.#run((context) => dialing.resolveTask(context, taskId, as));
  saveInboundResult = (result: CallResult) => this.#run((context) => attempts.saveInboundResult(context, result));
  recoverAttempts = (nodeId: string) => this.#run((context) => attempts.recoverAttempts(context, nodeId, this.#nodes));

  beat = (nodeId: string) => this.#run((context) => beat(context, nodeId));
  livingNodes = () => this.#run((context) => livingNodes(context));
  leave = (nodeId: string) => this.#run((context) => leave(context, nodeId));
  openFolders = (folders: readonly string[], server: string) => this.#run((context) => recordings.openFolders(context, folders, server));
  serverOfFolder = (folder: string) => this.#run((context) => recordings.serverOfFolder(context, folder));
  retireRecordings = (before: number, limit: number) => this.#run((context) => recordings.retireRecordings(context, before, limit));
  recordingsToRemove = (folders: readonly string[], after: number, limit: number) => this.#run((context) => recordings.recordingsToRemove(context, folders, after, limit));
  recordingsRemoved = (...given: Parameters<Store['recordingsRemoved']>) => this.#run((context) => recordings.recordingsRemoved(context, ...given));
  countRemovals = (...given: Parameters<Store['countRemovals']>) => this.#run((context) => recordings.countRemovals(context, ...given));
  forgetWords = (before: number, limit: number) => this.#run((context) => retention.forgetWords(context, before, limit));
  forgetNumbers = (before: number, limit: number) => this.#run((context) => retention.forgetNumbers(context, before, limit));
  forgetEvents = (before: number, limit: number) => this.#run((context) => retention.forgetEvents(context, before, limit));

  takeDuty: NodeStore['takeDuty'] = (name) => this.#run((context) => context.session.takeDuty(name));
  watch = (listener: (change: StoreChange) => void): (() => void) => {
    this.#listeners.add(listener);
    const unwatch = this.#context.session.watch(listener);
    return () => {
      this.#listeners.delete(listener);
      unwatch();
    };
  };

  getResult = (idOrTaskId: string) => this.#run((context) => results.getResult(context, idOrTaskId));
  getTasks = (ids: readonly string[]) => this.#run((context) => tasks.getTasks(context, ids));
  listResults = (query: ResultQuery) =>
    this.#run((context) => results.listResults(context, query));

  appendEvent = (type: string, data: unknown) => this.#run(() => this.#events.append(type, data));
  readEvents = (after: number, limit: number) => this.#run(() => this.#events.read(after, limit));
  lastEventCursor = () => this.#run(() => this.#events.lastCursor());

  putApiKey = (key: ApiKeyRecord) => this.#run((context) => records.putApiKey(context, key));
  findApiKey = (hash: string) => this.#run((context) => records.findApiKey(context, hash));
  listApiKeys = () => this.#run((context) => records.listApiKeys(context));
  revokeApiKey = (id: string) => this.#run((context) => records.revokeApiKey(context, id));

  addWebhook = (endpoint: WebhookEndpoint) => this.#run((context) => webhooks.addWebhook(context, endpoint));
  changeWebhook = (...given: Parameters<Store['changeWebhook']>) => this.#run((context) => webhooks.changeWebhook(context, ...given));
  getWebhook = (id: string) => this.#run((context) => webhooks.getWebhook(context, id));
  listWebhooks = () => this.#run((context) => webhooks.listWebhooks(context));
  deleteWebhook = (id: string) => this.#run((context) => webhooks.deleteWebhook(context, id));
  fanOutCursor = (reader: string) => this.#run((context) => outbox.fanOutCursor(context, reader));
  beginFanOut = (reader: string) => this.#run((context) => outbox.beginFanOut(context, reader));
  fanOut = (reader: string, from: number, to: number, entries: readonly NewOutboxEntry[]) => this.#run((context) => outbox.fanOut(context, reader, from, to, entries));
  addOutbox = (entries: readonly NewOutboxEntry[]) => this.#run((context) => outbox.addOutbox(context, entries));
  claimOutbox = (query: Parameters<OutboxStore['claimOutbox']>[0]) => this.#run((context) => outbox.claimOutbox(context, query));
  finishOutbox = (entry: Pick<OutboxEntry, 'id' | 'tries' | 'target' | 'orderKey'>, end: OutboxEnd) => this.#run((context) => outbox.finishOutbox(context, entry, end));
  nextOutboxAt = (channel: OutboxChannel) => this.#run((context) => outbox.nextOutboxAt(context, channel));
  getOutbox = (id: string) => this.#run((context) => outbox.getOutbox(context, id));
  listOutbox = (query: Parameters<OutboxStore['listOutbox']>[0]) => this.#run((context) => outbox.listOutbox(context, query));
  requeueOutbox = (id: string) => this.#run((context) => outbox.requeueOutbox(context, id));
  sweepOutbox = (before: number, limit: number) => this.#run((context) => outbox.sweepOutbox(context, before, limit));
  addSuppressions = (wanted: readonly NewSuppression[]) => this.#run((context) => suppressions.addSuppressions(context, wanted));
  pastOf = (...given: Parameters<Store['pastOf']>) => this.#run((context) => pastOf(context, ...given));
  getSuppression = (id: string) => this.#run((context) => suppressions.getSuppression(context, id));
  listSuppressions = (query: SuppressionQuery) => this.#run((context) => suppressions.listSuppressions(context, query));
  deleteSuppression = (id: string) => this.#run((context) => suppressions.deleteSuppression(context, id));
  optOut = (wish: OptOut) => this.#run((context) => suppressions.optOut(context, wish));
  noteCompliance = (entries: readonly NewComplianceEntry[]) => this.#run((context) => compliance.noteCompliance(context, entries));
  readCompliance = (query: ComplianceQuery) => this.#run((context) => compliance.readCompliance(context, query));
  complianceHead = () => this.#run((context) => compliance.complianceHead(context));
  claimSubjectKey = () => this.#run((context) => compliance.claimSubjectKey(context, context.subjects.fingerprint));

  statistics = (query: StatisticQuery) => this.#run((context) => statistics.statistics(context, query));
  campaignDay = (id: string, from: number, to: number) => this.#run((context) => statistics.campaignDay(context, id, from, to));

  putTrunk = (settings: TrunkSettings) => this.#run((context) => trunks.putTrunk(context, settings));
  getTrunk = (name: string) => this.#run((context) => trunks.getTrunk(context, name));
  listTrunks = () => this.#run((context) => trunks.listTrunks(context));
  deleteTrunk = (name: string) => this.#run((context) => trunks.deleteTrunk(context, name));
  addTrunkTalk = (name: string, day: string, talkedMs: number) => this.#run((context) => trunks.addTrunkTalk(context, name, day, talkedMs));
  trunkTalk = (day: string) => this.#run((context) => trunks.trunkTalk(context, day));

  saveContacts = (...given: Parameters<Store['saveContacts']>) => this.#run((context) => saveContacts(context, ...given));
  getContact = (id: string) => this.#run((context) => contacts.getContact(context, id));
  listContacts = (query: ContactQuery) => this.#run((context) => contacts.listContacts(context, query));
  sampleContacts = (...given: Parameters<Store['sampleContacts']>) => this.#run((context) => sampleContacts(context, ...given));
  countContacts = (query: Pick<ContactQuery, 'filter' | 'frozenAudience'>) => this.#run((context) => contacts.countContacts(context, query));
  listAttributes = () => this.#run((context) => listAttributes(context));
  declareAttributes = (...given: Parameters<Store['declareAttributes']>) => this.#run((context) => declareAttributes(context, ...given));
  createAudience = (...given: Parameters<Store['createAudience']>) => this.#run((context) => audiences.createAudience(context, ...given));
  updateAudience = (...given: Parameters<Store['updateAudience']>) => this.#run((context) => audiences.updateAudience(context, ...given));
  getAudience = (id: string) => this.#run((context) => audiences.getAudience(context, id));
  listAudiences = (...given: Parameters<Store['listAudiences']>) => this.#run((context) => audiences.listAudiences(context, ...given));
  deleteAudience = (id: string) => this.#run((context) => audiences.deleteAudience(context, id));
  freezeAudience = (...given: Parameters<Store['freezeAudience']>) => this.#run((context) => audiences.freezeAudience(context, ...given));
  thawAudience = (id: string) => this.#run((context) => audiences.thawAudience(context, id));
  createImport = (settings: string) => this.#run((context) => imports.createImport(context, settings));
  getImport = (id: string) => this.#run((context) => imports.getImport(context, id));
  listImports = (...given: Parameters<Store['listImports']>) => this.#run((context) => imports.listImports(context, ...given));
  beginImport = (...given: Parameters<Store['beginImport']>) => this.#run((context) => imports.beginImport(context, ...given));
  saveImportProgress = (...given: Parameters<Store['saveImportProgress']>) => this.#run((context) => imports.saveImportProgress(context, ...given));
  endImport = (...given: Parameters<Store['endImport']>) => this.#run((context) => imports.endImport(context, ...given));
  interruptImports = (before: number) => this.#run((context) => imports.interruptImports(context, before));
  personRecords = (who: PersonQuery) => this.#run((context) => people.personRecords(context, who));
  erasePerson = (who: PersonQuery) => this.#run((context) => people.erasePerson(context, who));
  listRefusals = (...given: Parameters<Store['listRefusals']>) => this.#run((context) => imports.listRefusals(context, ...given));
  createCampaign = (settings: CampaignSettings) => this.#run((context) => campaigns.createCampaign(context, settings));
  getCampaign = (id: string) => this.#run((context) => campaigns.getCampaign(context, id));
  listCampaigns = (query: { state?: CampaignState; cursor?: string; limit: number }) => this.#run((context) => campaigns.listCampaigns(context, query));
  activeCampaigns = () => this.#run((context) => campaigns.activeCampaigns(context));
  updateCampaign = (...given: Parameters<Store['updateCampaign']>) => this.#run((context) => campaigns.updateCampaign(context, ...given));
  moveCampaign = (id: string, event: CampaignEvent, options?: { revision?: number | undefined; flowVersions?: Readonly<Record<string, number>> }) =>
    this.#run((context) => campaigns.moveCampaign(context, id, event, options));
  closeCampaign = (id: string) => this.#run((context) => campaigns.closeCampaign(context, id));
  deleteCampaign = (id: string) => this.#run((context) => campaigns.deleteCampaign(context, id));
  beginRound = (...given: Parameters<Store['beginRound']>) => this.#run((context) => campaignFills.beginRound(context, ...given));
  getFill = (campaignId: string, round: number) => this.#run((context) => campaignFills.getFill(context, campaignId, round));
  saveFillStep = (step: FillStep) => this.#run((context) => campaignFills.saveFillStep(context, step));
  listSkipped = (query: { campaignId: string; cursor?: string; limit: number }) => this.#run((context) => campaignFills.listSkipped(context, query));
  campaignCounts = (id: string) => this.#run((context) => campaignFigures.campaignCounts(context, id));
  campaignPulse = (id: string, since: number) => this.#run((context) => campaignFigures.campaignPulse(context, id, since));
  hasOpenTasks = (id: string) => this.#run((context) => campaignFigures.hasOpenTasks(context, id));
  roundTasks = (...given: Parameters<Store['roundTasks']>) => this.#run((context) => campaignFigures.roundTasks(context, ...given));
  campaignTalk = (id: string) => this.#run((context) => campaignFigures.campaignTalk(context, id));
  endCampaignTasks = (...given: Parameters<Store['endCampaignTasks']>) => this.#run((context) => campaignFigures.endCampaignTasks(context, ...given));

  putTeam = (team: Omit<Team, 'createdAt' | 'updatedAt'>) => this.#run((context) => teams.putTeam(context, team));
  getTeam = (name: string) => this.#run((context) => teams.getTeam(context, name));
  listTeams = () => this.#run((context) => teams.listTeams(context));
  deleteTeam = (name: string) => this.#run((context) => teams.deleteTeam(context, name));
}
