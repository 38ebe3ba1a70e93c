import type { EventStore } from '../events/eventStore.ts';
import { monotonicClock } from '../platform/clock.ts';
import type { MaintainedView } from '../projections/maintaining/maintainViews.ts';
import type { ViewRecords } from '../projections/record/viewRecord.ts';
import type { ParkedSubjects } from '../projections/parking/createParkedSubjects.ts';
import { settledWithin } from '../platform/settledWithin.ts';
import { healthOf, statusOf, type ViewHealth, type ViewStatus } from './viewStatus.ts';
import type { StoresAway } from './watchedStores.ts';

/**
 * How long an answer waits for the stores before it uses the last known state, in milliseconds: a
 * probe gives up after a second.
 */
const MAX_WAIT_MS = 50;

/** The known state of a service. */
export interface Health {
  views: readonly ViewHealth[];
  away: StoresAway;
}

export interface ServiceHealth {
  /**
   * The known state, refreshed at each call, in the background if that takes longer than a moment.
   * Never rejects.
   */
  known(): Promise<Health>;
  /** The present state of the views. Rejects with ReadModelError. */
  viewStatus(): Promise<ViewStatus[]>;
}

/** `store` and the views' checkpoints must fail at once while their store is away. */
export function createServiceHealth({
  views,
  store,
  controls,
  parking,
  away,
  now,
}: {
  views: readonly MaintainedView[];
  store: EventStore;
  controls: ViewRecords;
  parking: ParkedSubjects;
  away(): StoresAway;
  /** RFC 3339 instant. */
  now(): string;
}): ServiceHealth {
  let known = views.map(atStart);
  let looking: Promise<void> | null = null;

  async function look(): Promise<void> {
    known = await Promise.all(views.map((view, index) => healthOf(view, store, now(), known[index])));
  }

  return {
    async known() {
      looking ??= look().finally(() => {
        looking = null;
      });
      await settledWithin(MAX_WAIT_MS, looking, monotonicClock);
      return { views: known, away: away() };
    },
    viewStatus: () =>
      Promise.all(
        views.map((view, index) => statusOf(view, { store, controls, parking }, now(), known[index])),
      ),
  };
}

const atStart = ({ name, version, runner }: MaintainedView): ViewHealth => ({
  name,
  version,
  ...runner.status(),
  lagSeconds: 0,
  lagEvents: null,
});
