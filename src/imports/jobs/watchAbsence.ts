import { settledWithin } from '../../platform/settledWithin.ts';
import { whileHolding } from '../../platform/lease.ts';
import { changeViewRecord } from '../../projections/record/recordAccess.ts';
import {
  STANDSTILL,
  unfinished,
  withChange,
  withEnd,
  type ViewRecord,
} from '../../projections/record/viewRecord.ts';
import { IMPORTS } from '../../projections/rebuild/jobs.ts';
import { HTTP } from '../reasons/door.ts';
import { reason } from '../reasons/reason.ts';
import { reasonText } from '../reasons/reasonTexts.ts';
import type { ImportWork } from './importJob.ts';

/** How often an instance checks an import whose list another instance has, in milliseconds. */
export const ABSENCE_POLL_MS = 5_000;
/** How long a check waits for the lease beyond its expiry, in milliseconds. */
const MAX_EXTRA_MS = 2_000;
/** After this many milliseconds without its instance, an import fails. */
export const MAX_ABSENCE_MS = 10 * 60_000;
const MAX_STOP_MS = 1_000;

/** An unfinished import that no instance works on; `since` is on this instance's clock. */
interface Absence {
  id: string;
  since: number;
}

export type AbsenceWork = Pick<ImportWork, 'controls' | 'leases' | 'uploads' | 'clock' | 'timer' | 'onEnd'>;

/**
 * Watches an import whose list another instance has. While no instance holds its lease, the job
 * reports that and what to do. After MAX_ABSENCE_MS it fails, so that other imports can begin; if the
 * instance comes back before, the import continues.
 */
export function watchAbsence(work: AbsenceWork): { stop(): Promise<void> } {
  const stopping = new AbortController();

  async function watch(): Promise<void> {
    let absence: Absence | null = null;
    let stamp: number | null = null;
    while (!stopping.signal.aborted) {
      try {
        const stored = await work.controls.read(IMPORTS);
        if (stored === null || stored.stamp !== stamp) {
          // The record has changed since the last check, so an instance works on it.
          absence = null;
          stamp = stored?.stamp ?? null;
        } else {
          absence = await look(work, stored.control, absence, stopping.signal);
          // The check itself may have changed the record.
          if (absence) stamp = (await work.controls.read(IMPORTS))?.stamp ?? null;
        }
      } catch {
        // The worker of imports reports that the read model does not answer.
      }
      await work.timer.sleep(ABSENCE_POLL_MS, stopping.signal);
    }
  }

  const watching = watch();
  return {
    async stop() {
      stopping.abort();
      await settledWithin(MAX_STOP_MS, watching, work.timer);
    },
  };
}

async function look(
  { controls, leases, uploads, clock, timer, onEnd }: AbsenceWork,
  record: ViewRecord,
  before: Absence | null,
  stopping: AbortSignal,
): Promise<Absence | null> {
  const job = unfinished(record);
  if (!job?.import || uploads.has(job.import.upload)) return null;
  const limit = AbortSignal.any([stopping, AbortSignal.timeout(leases.expiryMs + MAX_EXTRA_MS)]);
  const isFree = await whileHolding(leases, IMPORTS.name, limit, async () => true);
  if (!isFree) return null;
  const { id } = job;
  const absence = before?.id === id ? before : { id, since: timer.now() };
  const isOver = timer.now() - absence.since >= MAX_ABSENCE_MS;
  const changed = await changeViewRecord(controls, IMPORTS, (present) =>
    withAbsence(present, id, { isOver, at: clock.now() }),
  );
  const ended = changed?.jobs.find((one) => one.id === id);
  if (isOver && ended) onEnd(ended);
  return isOver ? null : absence;
}

/** The record with a notice on the import `id`, or with its end if the absence is over. */
function withAbsence(
  record: ViewRecord,
  id: string,
  { isOver, at }: { isOver: boolean; at: string },
): ViewRecord | null {
  const job = unfinished(record);
  if (!job?.import) return null;
  const failure = reason(isOver ? 'upload-abandoned' : 'upload-elsewhere');
  const rest = { error: reasonText(failure, HTTP), import: { ...job.import, failure } };
  if (isOver) return withEnd(record, id, 'failed', at, rest);
  return job.import.failure ? null : withChange(record, id, { ...rest, ...STANDSTILL });
}
