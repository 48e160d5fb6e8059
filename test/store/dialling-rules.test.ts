import t from 'tap';
import { diallingRulesContract } from '../contract/store-dialling-rules.js';
import { onEveryStore } from '../support/stores.js';

await onEveryStore(t, diallingRulesContract);
