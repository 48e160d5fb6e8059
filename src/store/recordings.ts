import type { CallResult } from './store.js';

/**
 * PORT, part of the store: where recordings lie, and which of them are to be removed.
 * Servers on one database have a folder each, or share one; only who has the folder can
 * remove a file, so the order to do it waits here for them until the file is gone.
 * Times are ms since the epoch.
 */
export interface RecordingRemoval {
  readonly seq: number;
  readonly name: string;
}

export interface RecordingStore {
  /** `server`: how people call the machine that has it. */
  openFolders(folders: readonly string[], server: string): Promise<void>;
  /** The server that opened it last; undefined if nobody ever did. */
  serverOfFolder(folder: string): Promise<string | undefined>;
  /** Recordings of calls that ended before: nothing names them any more, and each waits to be removed. How many. */
  retireRecordings(before: number, limit: number): Promise<number>;
  /** What waits to be removed from one of these folders, or from nobody knows which; after `seq`, in order. */
  recordingsToRemove(folders: readonly string[], after: number, limit: number): Promise<readonly RecordingRemoval[]>;
  /** What was looked for in these folders is not there any more. `found`: whether it was. */
  recordingsRemoved(folders: readonly string[], done: readonly (RecordingRemoval & { readonly found: boolean })[]): Promise<void>;
  /** How many wait: of one erasure, or since before a time. */
  countRemovals(of: { readonly erasureId: string } | { readonly before: number }): Promise<number>;
}

/** The file in which a call is heard. A call that was lost with its server may have one, though its result cannot say so. */
export function recordingOf({ recording, disposition, callId }: Pick<CallResult, 'recording' | 'disposition' | 'callId'>): string | undefined {
  if (recording !== undefined) return recording.split('/').at(-1);
  return disposition === 'unknown' && callId !== '' ? recordingName(callId) : undefined;
}

/** As it is named when the call begins. */
export function recordingName(callId: string): string {
  return `${callId}.wav`;
}
