import { initial } from './001-initial.js';
import { trunks } from './002-trunks.js';
import { callIds } from './003-call-ids.js';
import { requests } from './004-requests.js';
import { outbox } from './005-outbox.js';
import { contacts } from './006-contacts.js';
import { nodes } from './007-nodes.js';
import { rules } from './008-rules.js';
import { people } from './009-people.js';
import { retention } from './010-retention.js';
import { campaigns } from './011-campaigns.js';
import { dialing } from './012-dialing.js';
import { callers } from './013-callers.js';
import { webhookCursor } from './014-webhook-cursor.js';
import { outcomes } from './015-outcomes.js';
import { openTasks } from './016-open-tasks.js';
import { outboxHeads } from './017-outbox-heads.js';
import { grantedDials } from './018-granted-dials.js';
import { campaignReads } from './019-campaign-reads.js';
import { taskSubjects } from './020-task-subjects.js';
import type { Ddl } from '../dialect.js';

export interface Migration {
  readonly version: number;
  readonly name: string;
  /** Statements separated by `;`, for both databases. Forward only: a mistake is mended by the next number. */
  readonly sql: (d: Ddl) => string;
}

/** In order, without gaps; one that was released is never edited. */
export const migrations: readonly Migration[] = [
  { version: 1, name: 'initial', sql: initial },
  { version: 2, name: 'trunks', sql: trunks },
  { version: 3, name: 'call-ids', sql: callIds },
  { version: 4, name: 'requests', sql: requests },
  { version: 5, name: 'outbox', sql: outbox },
  { version: 6, name: 'contacts', sql: contacts },
  { version: 7, name: 'nodes', sql: nodes },
  { version: 8, name: 'rules', sql: rules },
  { version: 9, name: 'people', sql: people },
  { version: 10, name: 'retention', sql: retention },
  { version: 11, name: 'campaigns', sql: campaigns },
  { version: 12, name: 'dialing', sql: dialing },
  { version: 13, name: 'callers', sql: callers },
  { version: 14, name: 'webhook-cursor', sql: webhookCursor },
  { version: 15, name: 'outcomes', sql: outcomes },
  { version: 16, name: 'open-tasks', sql: openTasks },
  { version: 17, name: 'outbox-heads', sql: outboxHeads },
  { version: 18, name: 'granted-dials', sql: grantedDials },
  { version: 19, name: 'campaign-reads', sql: campaignReads },
  { version: 20, name: 'task-subjects', sql: taskSubjects },
];
