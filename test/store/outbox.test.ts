import t from 'tap';
import { outboxContract } from '../contract/store-outbox.js';
import { onEveryStore } from '../support/stores.js';

await onEveryStore(t, outboxContract);
