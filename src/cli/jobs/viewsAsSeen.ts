import { readViewRecord } from '../../projections/record/recordAccess.ts';
import { hasReached } from '../../projections/record/viewDeclaration.ts';
import { monotonicClock } from '../../platform/clock.ts';
import { statusOf, type ViewStatus } from '../../availability/viewStatus.ts';
import type { ProjectedView } from '../../projections/folding/projection.ts';
import type { FollowerStatus, Report } from '../../projections/record/followerStatus.ts';
import type { OpenedViews } from './withViews.ts';

/**
 * An instance that maintains a view moves it, or its first build, within this time; milliseconds.
 */
const MAX_STILL_MS = 1_500;

/**
 * The views' states as seen from the stores alone: live if caught up with the present head,
 * catching up if they move, stalled if they do not. Takes a moment if a view is behind. `now` is an
 * RFC 3339 instant.
 */
export async function viewsAsSeen(opened: OpenedViews, now: string): Promise<ViewStatus[]> {
  return Promise.all(
    opened.views.map(async (view) => {
      const { store, parking, readModel } = opened;
      const projection = view.shown(readModel);
      const status = await seen(view, opened);
      const runner = { status: () => status };
      const { name, version } = view;
      const { controls } = readModel;
      return statusOf({ name, version, projection, runner }, { store, controls, parking }, now);
    }),
  );
}

async function seen(view: ProjectedView, { store, readModel }: OpenedViews): Promise<FollowerStatus> {
  const projection = view.shown(readModel);
  async function look(): Promise<{ position: bigint | null; job: string; report: Report | null }> {
    const position = (await projection.checkpoint())?.position ?? null;
    const record = await readViewRecord(readModel.controls, view);
    return { position, job: JSON.stringify(record?.jobs[0] ?? null), report: record?.report ?? null };
  }
  const head = await store.head();
  const first = await look();
  if (hasReached(first.position, head)) return { state: 'live', position: first.position, lastError: null };
  await monotonicClock.sleep(MAX_STILL_MS, AbortSignal.timeout(MAX_STILL_MS));
  const { position, job, report } = await look();
  if (hasReached(position, head)) return { state: 'live', position, lastError: null };
  if (position !== first.position || job !== first.job) {
    return { state: 'catching-up', position, lastError: null };
  }
  // The last report is the best explanation, even if its process is gone.
  if (report && report.lastError !== null) return { ...report, position };
  return {
    state: 'stalled',
    position,
    lastError: `no running instance maintains it; start a server or run «npx padron rebuild ${view.name}»`,
  };
}
