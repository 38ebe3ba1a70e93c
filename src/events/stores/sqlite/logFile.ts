import { statSync } from 'node:fs';
import { PadronError } from '../../../platform/padronError.ts';
import { commitsOfOthers } from '../../../platform/sqlite/sqlite.ts';
import type { EventMark } from '../../eventStore.ts';
import type { EventLog } from './eventLog.ts';

/**
 * How often the file is checked, in milliseconds; another process's commits must be seen within
 * 200.
 */
const LOOK_MS = 100;

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

/** The file at this path is not the opened one: commits to the opened file are lost. */
export class FileReplacedError extends PadronError {
  constructor(path: string) {
    super(`${path} was removed, replaced or truncated while it was in use: restart padron`);
    this.name = 'FileReplacedError';
  }
}

/**
 * Throws FileReplacedError once the file at this path is a different one. The file only grows,
 * because padron removes nothing from it.
 */
function sameFile(path: string): () => void {
  const { dev, ino, size } = statSync(path);
  let known = size;
  return () => {
    const now = statSync(path, { throwIfNoEntry: false });
    if (now?.ino !== ino || now.dev !== dev || now.size < known) throw new FileReplacedError(path);
    known = now.size;
  };
}
