import { bracketed } from '../embedded/message/via.js';
import type { CallView, TraceRow } from './call-view.js';
import type { SdpSummary } from './message-view.js';
import type { TraceEvent } from './trace.js';

/** Columns of the whole picture. */
const WIDTH = 100;
const TIME_WIDTH = 10;
const ARROW_WIDTH = 40;
/** Time, space, bar, arrow, bar, two spaces. */
const NOTE_AT = TIME_WIDTH + 1 + 1 + ARROW_WIDTH + 1 + 2;

const WORDS: Readonly<Record<TraceEvent, string>> = {
  started: 'call started',
  ringing: 'ringing',
  answered: 'answered',
  first_rtp_out: 'first RTP sent',
  first_rtp_in: 'first RTP received',
  hold: 'hold',
  resume: 'hold ended',
  dtmf: 'DTMF received',
  caller_turn: 'caller has spoken',
  bot_turn: 'bot begins to speak',
  transfer: 'transfer',
  hangup: 'hang-up',
  ended: 'call ended',
};

/** The call as text, at most 100 columns: time in ms, we on the left, the far end on the right. */
export function ladder(view: CallView): string {
  const lines = [...title(view), ''];
  let peer = '';
  for (const row of view.rows) {
    const time = row.atMs.toFixed(1).padStart(TIME_WIDTH);
    if (row.kind === 'event') {
      lines.push(`${time} * ${WORDS[row.event]}${row.detail === undefined ? '' : `: ${row.detail}`}`);
      continue;
    }
    const ends = endsOf(row);
    if (ends !== peer) lines.push(...heading((peer = ends), row));
    lines.push(...arrow(time, row));
  }
  return `${lines.map(shown).join('\n')}\n`;
}

/** Call-IDs, hosts and reasons come from the network: they cannot steer a terminal, nor break the picture. */
function shown(line: string): string {
  return line.replace(/\p{Cc}/gu, '?').slice(0, WIDTH).trimEnd();
}

function title(view: CallView): string[] {
  return [
    `${view.callId ?? 'not a call of ours'}${view.live ? ' (live)' : ''}`,
    ...view.sipCallIds.map((id) => `Call-ID ${id}`),
    `times in ms from ${new Date(view.startedAt).toISOString()}${view.leftOut === 0 ? '' : `; ${view.leftOut} messages and events in the middle were left out`}`,
  ];
}

function endsOf({ path }: Extract<TraceRow, { kind: 'sip' }>): string {
  return `${path.protocol} ${bracketed(path.remoteAddress)}:${path.remotePort}`;
}

/** Both ends, over their bars; again whenever the far end is another. */
function heading(peer: string, { path }: Extract<TraceRow, { kind: 'sip' }>): string[] {
  const us = path.localAddress === '' ? 'trunkline' : `${bracketed(path.localAddress)}:${path.localPort}`;
  const room = WIDTH - TIME_WIDTH - 1 - us.length;
  return [`${' '.repeat(TIME_WIDTH + 1)}${us}${peer.padStart(Math.min(room, Math.max(ARROW_WIDTH + 2 - us.length, peer.length + 2)))}`];
}

function arrow(time: string, row: Extract<TraceRow, { kind: 'sip' }>): string[] {
  const again = row.repeated ? ' (again)' : '';
  const name = row.status === undefined ? row.method : `${row.status} ${row.phrase ?? ''}`.trimEnd();
  const label = ` ${name.slice(0, ARROW_WIDTH - 6 - again.length)}${again} `;
  const dashes = ARROW_WIDTH - 1 - label.length;
  const before = Math.floor(dashes / 2);
  const line = `${'-'.repeat(before)}${label}${'-'.repeat(dashes - before)}`;
  const notes = notesOf(row);
  const first = `${time} |${row.direction === 'out' ? `${line}>` : `<${line}`}|  ${notes[0] ?? ''}`.trimEnd();
  return [first, ...notes.slice(1).map((note) => `${`${' '.repeat(TIME_WIDTH + 1)}|${' '.repeat(ARROW_WIDTH)}|`.padEnd(NOTE_AT)}${note}`)];
}

function notesOf(row: Extract<TraceRow, { kind: 'sip' }>): string[] {
  const cseq = row.status === undefined || row.method === 'INVITE' || row.method === '' ? undefined : `to ${row.method}`;
  const reason = row.reason === undefined ? undefined : `Reason: ${row.reason}`;
  const texts = [cseq, reason, ...(row.sdp === undefined || row.repeated ? [] : sdpTexts(row.sdp))].filter((text) => text !== undefined);
  return texts.flatMap(wrap);
}

function sdpTexts(sdp: SdpSummary): string[] {
  return [`SDP ${sdp.codecs.join(' ')}`, `    ${sdp.direction} ${bracketed(sdp.address)}:${sdp.port}${sdp.encrypted ? ' SRTP' : ''}`];
}

function wrap(text: string): string[] {
  const room = WIDTH - NOTE_AT;
  const lines: string[] = [];
  for (let at = 0; at < text.length; at += room) lines.push(text.slice(at, at + room));
  return lines;
}
