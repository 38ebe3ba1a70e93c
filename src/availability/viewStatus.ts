import { EventStoreError } from '../events/eventErrors.ts';
import type { EventStore, Position } from '../events/eventStore.ts';
import { readViewRecord } from '../projections/record/recordAccess.ts';
import type { ViewRecords } from '../projections/record/viewRecord.ts';
import type { ParkedSubjects } from '../projections/parking/createParkedSubjects.ts';
import { ReadModelError } from '../projections/record/readModelError.ts';
import type { MaintainedView } from '../projections/maintaining/maintainViews.ts';
import type { FollowerStatus } from '../projections/record/followerStatus.ts';

export interface ViewHealth extends Omit<FollowerStatus, 'needs'> {
  name: string;
  version: number;
  /** Age of the oldest event that is not applied, in seconds; 0 if caught up. */
  lagSeconds: number;
  /** padron's events that are not applied, of any view; null if the store cannot count cheaply. */
  lagEvents: number | null;
}

/** What GET /admin/projections shows of a view. */
export interface ViewStatus extends ViewHealth {
  /** The current generation; before there is one, the one being built; 0 before that. */
  generation: number;
  /** Parked subjects. */
  parked: number;
}

/**
 * How far a view is behind the log. `now` is an RFC 3339 instant. If the read model does not
 * answer, the view is stalled at its last known position: reads continue without it. If the event
 * store does not answer, the lag is the last known one (`before`).
 */
export async function healthOf(
  view: MaintainedView,
  store: Pick<EventStore, 'readAll' | 'countAfter'>,
  now: string,
  before: ViewLag = NO_LAG,
): Promise<ViewHealth> {
  const { name, version } = view;
  const { position, state, lastError } = await standingOf(view);
  const lag = await lagBehind(position, store, now).catch((error: unknown) => {
    if (!(error instanceof EventStoreError)) throw error;
    return { ...before, lagEvents: null };
  });
  return { name, version, state, position, ...lag, lastError };
}

type ViewLag = Pick<ViewHealth, 'lagSeconds' | 'lagEvents'>;
const NO_LAG: ViewLag = { lagSeconds: 0, lagEvents: null };

async function lagBehind(
  position: Position | null,
  store: Pick<EventStore, 'readAll' | 'countAfter'>,
  now: string,
): Promise<ViewLag> {
  const [[next], lagEvents] = await Promise.all([store.readAll(position, 1), store.countAfter(position)]);
  const lagSeconds = next ? Math.max(0, (Date.parse(now) - Date.parse(next.metadata.occurredAt)) / 1_000) : 0;
  return { lagSeconds, lagEvents };
}

/** The status with the read model's figures. Rejects with ReadModelError. */
export async function statusOf(
  view: MaintainedView,
  { store, controls, parking }: { store: EventStore; controls: ViewRecords; parking: ParkedSubjects },
  now: string,
  before?: ViewLag,
): Promise<ViewStatus> {
  const [health, record, parked] = await Promise.all([
    healthOf(view, store, now, before),
    readViewRecord(controls, view),
    parking.count(view.name),
  ]);
  return { ...health, generation: record?.live ?? record?.newest ?? 0, parked };
}

async function standingOf({ projection, runner }: MaintainedView): Promise<FollowerStatus> {
  const status = runner.status();
  try {
    return { ...status, position: (await projection.checkpoint())?.position ?? null };
  } catch (error) {
    if (!(error instanceof ReadModelError)) throw error;
    return { ...status, state: 'stalled', lastError: error.message };
  }
}
