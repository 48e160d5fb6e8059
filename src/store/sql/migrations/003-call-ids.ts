import type { Ddl } from '../dialect.js';

/**
 * `call_id` is our own id of a call everywhere, `sip_call_id` the Call-ID on the wire.
 * Until now an attempt's `call_id` was the latter, and so was that of a result whose
 * call was lost in a crash; the own id of such a call was never written down.
 */
export const callIds = (d: Ddl): string => `
alter table attempts rename column call_id to sip_call_id;
alter table attempts add column call_id ${d.text};

alter table results add column sip_call_id ${d.text};
update results set sip_call_id = (select attempts.sip_call_id from attempts where attempts.id = results.attempt_id)
  where attempt_id is not null;
update results set call_id = '', body = ${d.setJsonText('body', 'callId', "''")} where call_id = sip_call_id;
update results set body = ${d.setJsonText('body', 'sipCallId', 'sip_call_id')} where sip_call_id is not null;
create index results_sip_call on results (sip_call_id) where sip_call_id is not null;
`;
