import { monotonicClock, type MonotonicClock } from '../../platform/clock.ts';
import { isRefusal, type StoreError } from '../../platform/storeError.ts';
import { buildInThisThread, type BuilderOver } from '../rebuild/buildGeneration.ts';
import { shareReadings } from '../following/shareReadings.ts';
import { readViewRecord } from '../record/recordAccess.ts';
import { createFirstBuilds } from './firstBuild.ts';
import { maintainView } from './maintainView.ts';
import { leaseNameOf } from './sweep.ts';
import { runWhileLeading } from './runWhileLeading.ts';
import type { ProjectedView, ViewStores } from '../folding/projection.ts';
import type { LogFollower } from '../following/followLog.ts';
import type { Consumer } from '../ports/consumer.ts';

/** A view that is maintained, here or elsewhere. */
export interface MaintainedView {
  name: string;
  version: number;
  projection: Pick<Consumer, 'checkpoint'>;
  runner: Pick<LogFollower, 'status'>;
}

export interface MaintainedViews {
  views: readonly MaintainedView[];
  /** Stops after the current batches and releases the leases. */
  stop(): Promise<void>;
}

/** Logs about the views: fields without personal data, and a text. */
export type ViewsLogger = Record<'info' | 'warn' | 'error', (fields: object, text: string) => void>;

export interface MaintainViewsOptions extends ViewStores {
  views: readonly ProjectedView[];
  /** Measures pauses and jobs. Default: the monotonic clock. */
  timer?: MonotonicClock;
  /** How generations are built. Default: in this thread. */
  fill?: BuilderOver | undefined;
  /** Gets the state changes of views and jobs. */
  logger: ViewsLogger;
  /** Called each time a store refuses a call; the call is repeated, because an operator may mend it. */
  onRefusal?(error: StoreError): void;
}

/** How a service maintains its views. */
export type MaintainViews = (options: Omit<MaintainViewsOptions, 'fill'>) => MaintainedViews;

/** Keeps views up to date and runs their jobs, each while this process holds its lease. */
export function maintainViews(options: MaintainViewsOptions): MaintainedViews {
  const { views, readModel, clock, timer = monotonicClock, logger } = options;
  const onError = (error: unknown): void => {
    if (isRefusal(error)) options.onRefusal?.(error);
  };
  // Views that start from the same place share one reading of the log.
  const store = shareReadings(options.store, views, timer);
  const fill = (options.fill ?? buildInThisThread)({ readModel, store, clock });
  const kept = views.map((view) => {
    const { name, version } = view;
    const shown = view.shown(readModel);
    const firstBuilds = createFirstBuilds({ store, timer });
    const runner = runWhileLeading({
      name: leaseNameOf(view),
      leases: readModel.leases,
      view: shown,
      record: () => readViewRecord(readModel.controls, view),
      store,
      clock: timer,
      onError,
      run: () =>
        maintainView({
          view,
          readModel,
          store,
          clock,
          timer,
          fill,
          firstBuilds,
          onError,
          onChange: ({ state, lastError }) => {
            logger.warn({ view: name, state, lastError }, 'projection changed state');
          },
          onJob: ({ id, kind, state, error }) => {
            const level = state === 'failed' ? 'error' : 'info';
            logger[level]({ view: name, job: id, kind, state, error }, 'job');
          },
        }),
      onLead: (fence) => {
        const text = fence === null ? 'no longer maintains the projection' : 'maintains the projection';
        logger.info({ view: name, fence }, text);
      },
    });
    return { name, version, projection: shown, runner };
  });
  return {
    views: kept,
    async stop() {
      await Promise.all(kept.map(({ runner }) => runner.stop()));
    },
  };
}
