import { statSync } from 'node:fs';
import { PadronError } from '../../../platform/padronError.ts';
import { commitsOfOthers } from '../../../platform/sqlite/sqlite.ts';
import type { EventMark } from '../../eventStore.ts';
import type { EventLog } from './eventLog.ts';

/** How often the file is looked at, in milliseconds; the contract allows 200 for another process's commits (section 8). */
const LOOK_MS = 100;

/** The file of events as others change it while this process has it open. */
export interface LogFile {
  /**
   * Looks now. Called inside a transaction, before anything is decided on what was known, nothing can change until the transaction ends.
   * Throws when the file was removed, replaced or cut short.
   */
  look(): void;
  /** Records the last event that this process has committed. */
  committed(mark: EventMark): void;
  stop(): void;
}

export interface LogFileEvents {
  /** Another connection has committed. */
  onCommit(): void;
  /** The newest event that was known is not in the log any more. */
  onWentBack(): void;
  /** Looking failed: with SQLite's error, or because the file is gone for good. */
  onFailure(error: unknown): void;
}

/** Watches the file until it is stopped. Does not keep the process alive. */
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
  }, LOOK_MS);
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

/** The file at a path is not the one that was opened there: what is committed to that one is lost. */
export class FileReplacedError extends PadronError {
  constructor(path: string) {
    super(`${path} was removed, replaced or cut short while it was in use: restart padron`);
    this.name = 'FileReplacedError';
  }
}

/** Throws FileReplacedError once the file at this path is not the same one any more. It only ever grows: padron removes nothing from it. */
function sameFile(path: string): () => void {
  const { dev, ino, size } = statSync(path);
  let known = size;
  return () => {
    const now = statSync(path, { throwIfNoEntry: false });
    if (now?.ino !== ino || now.dev !== dev || now.size < known) throw new FileReplacedError(path);
    known = now.size;
  };
}
