import { commitsOfOthers } from '../../../../platform/sqlite/sqlite.ts';
import type { EventMark } from '../../../eventStore.ts';
import type { EventLog } from './eventLog.ts';
import { sameFile } from './sameFile.ts';

/**
 * How often the file is checked, in milliseconds; another process's commits must be seen within
 * 200.
 */
const POLL_MS = 100;

/** The events file, watched for changes by others. */
export interface LogFile {
  /**
   * Checks now. Inside a transaction, nothing can change afterwards until it ends. Throws if the file
   * was removed, replaced or truncated.
   */
  look(): void;
  /** Records the last event that this process has committed. */
  committed(mark: EventMark): void;
  stop(): void;
}

export interface LogFileEvents {
  /** Another connection has committed. */
  onCommit(): void;
  /** The newest known event is no longer in the log. */
  onWentBack(): void;
  /** A check failed: with SQLite's error, or because the file is gone for good. */
  onFailure(error: unknown): void;
}

/** Watches the file until stopped. Does not keep the process alive. */
export function watchLogFile(path: string, log: EventLog, events: LogFileEvents): LogFile {
  const haveOthersCommitted = commitsOfOthers(log.db);
  const expectSameFile = sameFile(path);
  let newest = log.newest();

  function look(): void {
    expectSameFile();
    if (!haveOthersCommitted()) return;
    events.onCommit();
    const wentBack = newest !== null && log.idAt(Number(newest.position)) !== newest.id;
    newest = log.newest();
    if (wentBack) events.onWentBack();
  }

  const timer = setInterval(() => {
    try {
      look();
    } catch (error) {
      events.onFailure(error);
    }
  }, POLL_MS);
  timer.unref();
  return {
    look,
    committed(mark) {
      newest = mark;
    },
    stop: () => {
      clearInterval(timer);
    },
  };
}
