import t from 'tap';
import { dialStoreContract } from '../contract/store-dialing.js';
import { endingsContract } from '../contract/store-endings.js';
import { onEveryStore } from '../support/stores.js';

await onEveryStore(t, async (t, adapter) => {
  await dialStoreContract(t, adapter);
  await endingsContract(t, adapter);
});
