import { reasonOf } from '../platform/padronError.ts';
import { createBackoff } from '../platform/backoff.ts';
import type { CommitNews } from '../events/stores/sqlite/commitNews.ts';
import type { MaintainViews, ViewsLogger } from '../projections/maintaining/maintainViews.ts';
import type { ViewDeclaration } from '../projections/ports/readModel.ts';
import type { FollowerStatus } from '../projections/following/followLog.ts';
import { monotonicClock } from '../projections/ports/lease.ts';
import { runThread, type EmbeddedFiles } from './workerThread.ts';

/** What the thread is given. */
export interface ViewsTask extends EmbeddedFiles {
  /** Where it hears of commits. */
  commits: CommitNews;
  views: readonly ViewDeclaration[];
}

/** What the thread says. */
export type ViewsMessage =
  | { statuses: Record<string, FollowerStatus> }
  | { log: { level: keyof ViewsLogger; fields: object; text: string } };

/** Before a thread that died is started again, in milliseconds: longer each time, until one has lived for a while. */
const PAUSE_MS = { minMs: 1_000, maxMs: 60_000 };
const LIVED_MS = 60_000;

/**
 * Keeps views in a thread of its own, over the embedded stores: there each page of reading and writing is one call that blocks its thread,
 * and requests would wait behind it (docs/adr/0015). A thread that dies is started again; until then its views are stalled.
 */
export const maintainViewsInThread =
  (files: EmbeddedFiles & Pick<ViewsTask, 'commits'>): MaintainViews =>
  ({ views, readModel, logger, timer = monotonicClock }) => {
    const task: ViewsTask = { ...files, views: views.map(({ name, version }) => ({ name, version })) };
    const stopping = new AbortController();
    const backoff = createBackoff({ ...PAUSE_MS, clock: timer });
    const starting: FollowerStatus = { state: 'catching-up', position: null, lastError: null };
    let statuses: Record<string, FollowerStatus> = {};

    const onMessage = (message: ViewsMessage): void => {
      if ('statuses' in message) statuses = message.statuses;
      else logger[message.log.level](message.log.fields, message.log.text);
    };

    /** Before the next thread. */
    async function rest(reason: string): Promise<void> {
      if (stopping.signal.aborted) return;
      const lastError = `the projections' thread ended: ${reason}`;
      logger.error({ lastError }, 'projections stopped, to be started again');
      const stalled = views.map(({ name }): [string, FollowerStatus] => [
        name,
        { ...(statuses[name] ?? starting), state: 'stalled', lastError },
      ]);
      statuses = Object.fromEntries(stalled);
      await backoff.pause(stopping.signal);
    }

    async function run(): Promise<void> {
      while (!stopping.signal.aborted) {
        const options = { task, signal: stopping.signal, onMessage };
        const startedAt = timer.now();
        const death = await runThread('viewsWorker', options).catch((error: unknown) => error as Error);
        if (timer.now() - startedAt >= LIVED_MS) backoff.reset();
        await rest(death ? reasonOf(death) : 'it stopped by itself');
      }
    }

    const running = run();
    const stop = async (): Promise<void> => {
      stopping.abort();
      await running;
    };
    return {
      views: views.map((view) => ({
        name: view.name,
        version: view.version,
        prefixes: view.prefixes,
        projection: view.shown(readModel),
        runner: { status: () => statuses[view.name] ?? starting },
      })),
      stop,
    };
  };
