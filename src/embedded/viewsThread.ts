import { reasonOf } from '../platform/padronError.ts';
import { createBackoff } from '../platform/backoff.ts';
import type { CommitNews } from '../events/stores/sqlite/commitNews.ts';
import type { MaintainViews, ViewsLogger } from '../projections/maintaining/maintainViews.ts';
import type { ViewDeclaration } from '../projections/record/viewDeclaration.ts';
import type { FollowerStatus } from '../projections/record/followerStatus.ts';
import { monotonicClock } from '../platform/clock.ts';
import { runThread, type EmbeddedFiles } from './threads/workerThread.ts';

/** The thread's input. */
export interface ViewsTask extends EmbeddedFiles {
  /** Signals commits to the thread. */
  commits: CommitNews;
  views: readonly ViewDeclaration[];
}

/** The thread's messages. */
export type ViewsMessage =
  | { statuses: Record<string, FollowerStatus> }
  | { log: { level: keyof ViewsLogger; fields: object; text: string } };

/**
 * Pause before restarting a thread that died, in milliseconds: doubled each time until one survives
 * MIN_STABLE_MS.
 */
const PAUSE_MS = { minMs: 1_000, maxMs: 60_000 };
const MIN_STABLE_MS = 60_000;

/**
 * Maintains embedded views in a separate thread, because every page of reading and writing blocks
 * its thread and would hold up requests (docs/adr/0015). A thread that dies is restarted; until
 * then its views are stalled.
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

    /** Marks the views stalled and pauses before the next thread. */
    async function rest(reason: string): Promise<void> {
      if (stopping.signal.aborted) return;
      const lastError = `the projection thread ended: ${reason}`;
      logger.error({ lastError }, 'projection thread stopped; restarting');
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
        if (timer.now() - startedAt >= MIN_STABLE_MS) backoff.reset();
        await rest(death ? reasonOf(death) : 'no error');
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
        projection: view.shown(readModel),
        runner: { status: () => statuses[view.name] ?? starting },
      })),
      stop,
    };
  };
