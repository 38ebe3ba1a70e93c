import type { Database } from '../../../platform/sqlite/sqlite.ts';
import { listenForCommits, type CommitNews } from './commitNews.ts';

/** Commits of the writer between two checkpoints. A group of 32 writes changes some 50 pages. */
const MIN_COMMITS = 100;

/**
 * Copies the write-ahead log into the file after every MIN_COMMITS commits of another thread, until the
 * signal aborts, so that the thread that answers requests does not have to: a checkpoint blocks its
 * thread for about 20 ms (docs/benchmarks.md). Waits neither for readers nor for the writer. What
 * one checkpoint could not copy, the next one does, or the writer once the log is long.
 */
export function makeCheckpoints(db: Database, news: CommitNews, signal: AbortSignal): void {
  const checkpoint = db.prepare('PRAGMA file.wal_checkpoint(PASSIVE)');
  let since = 0;
  const onCommit = (commits: number): void => {
    since += commits;
    if (since < MIN_COMMITS) return;
    since = 0;
    try {
      checkpoint.get();
    } catch {
      // Nothing is lost: the write-ahead log keeps every commit.
    }
  };
  void listenForCommits(news, onCommit, signal);
}
