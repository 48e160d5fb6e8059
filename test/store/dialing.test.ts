import t from 'tap';
import { dialStoreContract } from '../contract/store-dialing.js';
import { onEveryStore } from '../support/stores.js';

await onEveryStore(t, dialStoreContract);
