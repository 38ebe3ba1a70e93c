import type { Logger } from 'pino';
import type { Clock } from '../events/clock.ts';
import type { EventStore } from '../events/eventStore.ts';
import type { Fill } from './fill.ts';
import { keepView } from './keeper.ts';
import { leaseNameOf } from './sweep.ts';
import type { LiveView } from './lag.ts';
import { lead } from './lead.ts';
import type { ProjectedView } from './projection.ts';
import type { ReadModel } from './readModel.ts';

export interface KeptViews {
  views: readonly LiveView[];
  /** Ends after the batches in hand, and lets the next one in. */
  stop(): Promise<void>;
}

export interface KeepViewsOptions {
  views: readonly ProjectedView[];
  readModel: ReadModel;
  store: EventStore;
  clock: Clock;
  /** Does the bulk of a rebuild. */
  fill: Fill;
  logger: Logger;
}

/** Keeps views up to date and works on their jobs, each while this process holds its lease; stands by for the others. */
export function keepViews({ views, readModel, store, clock, fill, logger }: KeepViewsOptions): KeptViews {
  const kept = views.map((view): LiveView => {
    const { name, version } = view;
    const shown = view.shown(readModel);
    const runner = lead({
      name: leaseNameOf(view),
      leases: readModel.leases,
      view: shown,
      store,
      run: () =>
        keepView({
          view,
          readModel,
          store,
          clock,
          fill,
          onChange: ({ state, lastError }) => {
            logger.warn({ view: name, state, lastError }, 'projection changed state');
          },
          onJob: ({ id, kind, state, error }) => {
            const level = state === 'failed' ? 'error' : 'info';
            logger[level]({ view: name, job: id, kind, state, error }, 'job');
          },
        }),
      onLead: (fence) => {
        const text = fence === null ? 'stands by for the projection' : 'runs the projection';
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
