import type { Clock } from '../../kernel/clock.js';
import { TrunklineError } from '../../kernel/errors.js';
import type { Audience, Contact, ContactQuery, ContactStore } from '../../store/contacts.js';
import { matches } from '../audiences/matches.js';
import { parseFilter } from '../audiences/parse-filter.js';
import type { Attributes } from '../audiences/parse-filter.js';
import type { Matcher } from './audience-tasks.js';
import type { CampaignAudiences } from './ports.js';

/** Audiences of the store, as campaigns read them. */
export class StoredAudiences implements CampaignAudiences {
  readonly #store: ContactStore;
  readonly #clock: Clock;

  constructor(store: ContactStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  get(id: string): Promise<Audience | undefined> {
    return this.#store.getAudience(id);
  }

  async members(id: string, cursor: string | undefined, limit: number): Promise<{ readonly contacts: readonly Contact[]; readonly next: string | undefined }> {
    const page = await this.#store.listContacts({ ...(await this.#query(id)), cursor, limit });
    return { contacts: page.items, next: page.next };
  }

  async count(id: string): Promise<number> {
    return await this.#store.countContacts(await this.#query(id));
  }

  async sample(id: string, count: number, limit: number): Promise<readonly Contact[]> {
    return await this.#store.sampleContacts(await this.#query(id), count, limit);
  }

  async compile(filter: string, field: string): Promise<Matcher> {
    const parsed = parseFilter(filter, await this.#attributes(), field);
    return (contact) => matches(parsed, contact, this.#clock.now());
  }

  /** TRK_NOT_FOUND. An audience that is frozen is who was in it then. */
  async #query(id: string): Promise<Pick<ContactQuery, 'filter' | 'frozenAudience'>> {
    const audience = await this.#store.getAudience(id);
    if (audience === undefined) throw new TrunklineError('TRK_NOT_FOUND', { params: { what: 'audience' } });
    return audience.kind === 'frozen' ? { frozenAudience: id } : { filter: parseFilter(audience.filter, await this.#attributes()) };
  }

  async #attributes(): Promise<Attributes> {
    return new Map((await this.#store.listAttributes()).map(({ name, type }) => [name, type]));
  }
}
