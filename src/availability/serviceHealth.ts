import type { EventStore } from '../events/eventStore.ts';
import { monotonicClock } from '../platform/clock.ts';
import {
  healthOf,
  statusOf,
  type MaintainedView,
  type ViewHealth,
  type ViewStatus,
} from '../projections/maintaining/viewStatus.ts';
import type { ViewRecords } from '../projections/record/viewRecord.ts';
import type { ParkedSubjects } from '../projections/ports/parkedSubjects.ts';
import { settledWithin } from '../platform/settledWithin.ts';
import type { StoresAway } from './watchedStores.ts';

/** How long an answer waits for the stores before it says what was last known, in milliseconds: a probe gives up after a second. */
const MAX_WAIT_MS = 50;

/** How a service is, as far as it knows. */
export interface Health {
  views: readonly ViewHealth[];
  away: StoresAway;
}

export interface ServiceHealth {
  /** What is known. Looked up again at each call, in the background where that takes longer than a moment. Never rejects. */
  known(): Promise<Health>;
  /** The views as they are now. Rejects with ReadModelError. */
  viewStatus(): Promise<ViewStatus[]>;
}

/** `store` and the views' checkpoints refuse at once while their store is away. */
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
