import t from 'tap';
import { campaignStoreContract } from '../contract/store-campaigns.js';
import { onEveryStore } from '../support/stores.js';

await onEveryStore(t, campaignStoreContract);
