import { amount } from './amount.js';
import { choice } from './choice.js';
import { digitString } from './digit-string.js';
import { email } from './email.js';
import { address, freeText, name } from './free-text.js';
import { number } from './number.js';
import { phone } from './phone.js';
import type { SlotType } from './slot-type.js';
import { date, datetime, time } from './when.js';
import { yesNo } from './yes-no.js';

/** Every kind of value that a flow can collect, by the name that flows use. */
export const slotTypes: ReadonlyMap<string, SlotType> = new Map([yesNo, number, digitString, date, time, datetime, amount, phone, email, name, address, choice, freeText].map((type) => [type.name, type]));
