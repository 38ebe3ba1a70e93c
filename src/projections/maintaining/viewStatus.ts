import { EventStoreError, type EventStore, type Position } from '../../events/eventStore.ts';
import { NO_VIEW_RECORD, type ViewRecords } from '../ports/viewRecord.ts';
import type { ParkedSubjects } from '../ports/parkedSubjects.ts';
import type { Projection } from '../folding/projection.ts';
import { ReadModelError } from '../ports/readModel.ts';
import type { LogFollower, FollowerState, FollowerStatus } from '../following/followLog.ts';

/** A view that is being kept up to date. */
export interface MaintainedView {
  name: string;
  version: number;
  /** Streams whose events it takes: their names start with one of these. */
  prefixes: readonly string[];
  projection: Pick<Projection, 'checkpoint'>;
  runner: Pick<LogFollower, 'status'>;
}

export interface ViewHealth {
  name: string;
  version: number;
  state: FollowerState;
  position: Position | null;
  /** Age of the oldest event that is not applied yet, in seconds; 0 when level. */
  lagSeconds: number;
  /** Events of padron's own that are not applied yet, be they of this view or not; null where the store cannot tell cheaply. */
  lagEvents: number | null;
  lastError: string | null;
}

/** All that GET /admin/projections tells of a view. */
export interface ViewStatus extends ViewHealth {
  /** The one that is shown; while none is level yet, the one that is being filled; 0 before that. */
  generation: number;
  /** Subjects that are parked. */
  parked: number;
}

/**
 * How far a view is behind the log. `now` is an RFC 3339 instant. A read model that does not answer is a stalled view, as far as it was last
 * seen: reads go on without it. While the event store does not answer, the lag is the last one known (`before`).
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

/** The same, with what the read model itself tells. Rejects with ReadModelError. */
export async function statusOf(
  view: MaintainedView,
  { store, controls, parking }: { store: EventStore; controls: ViewRecords; parking: ParkedSubjects },
  now: string,
  before?: ViewLag,
): Promise<ViewStatus> {
  const [health, stored, parked] = await Promise.all([
    healthOf(view, store, now, before),
    controls.read(view),
    parking.count(view.name),
  ]);
  const control = stored?.control ?? NO_VIEW_RECORD;
  return { ...health, generation: control.live ?? control.newest, parked };
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
