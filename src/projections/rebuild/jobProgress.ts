import type { Position } from '../../events/eventStore.ts';
import type { Job } from '../record/viewRecord.ts';
import type { BuildProgress } from './buildGeneration.ts';

/** The reported progress of a job. */
type Progress = Pick<Job, 'processed' | 'share' | 'eventsPerSecond' | 'etaSeconds'>;

/** How far a run is: what it has processed, and the completed share of the whole, 0 to 1. */
interface Reached {
  events: number;
  share: number;
}

/** The job's earlier count and share, and when the run starts. */
interface Start {
  before: number;
  share?: number;
  startMs: number;
}

/** The rate covers this many milliseconds. */
const WINDOW_MS = 5_000;

interface Sample extends Reached {
  ms: number;
}

/** Tracks a run, starting from the job's earlier count and share. `ms` never decreases. */
export function trackProgress({ before, share: done = 0, startMs }: Start) {
  let newest: Sample = { ms: startMs, events: 0, share: atMost(done) };
  /** The samples within the window, and the last one before it, where the window began. */
  let samples = [newest];
  let moves = 0;

  function progressAt(ms: number): Progress {
    const begins = samples.findLastIndex((one) => one.ms <= ms - WINDOW_MS);
    if (begins > 0) samples = samples.slice(begins);
    const [oldest = newest] = samples;
    const seconds = Math.min(ms - oldest.ms, WINDOW_MS) / 1_000;
    const perSecond = seconds > 0 ? (newest.events - oldest.events) / seconds : 0;
    const sharePerSecond = seconds > 0 ? (newest.share - oldest.share) / seconds : 0;
    return {
      processed: before + newest.events,
      share: newest.share,
      eventsPerSecond: Math.round(perSecond),
      etaSeconds: sharePerSecond > 0 ? Math.ceil((1 - newest.share) / sharePerSecond) : null,
    };
  }

  return {
    /** Records how far the run is and returns its progress. */
    note({ events, share: reached }: Reached, ms: number): Progress {
      const share = atMost(reached);
      if (newest.events !== events || newest.share !== share) {
        newest = { ms, events, share };
        samples.push(newest);
        moves += 1;
      }
      return progressAt(ms);
    },
    /** The progress now: the rate falls to 0 if nothing is recorded. */
    at: progressAt,
    /** Increases whenever it moves. */
    moves: (): number => moves,
  };
}

/** The completed share of the log up to `target`, to four digits. Only bigints are exact. */
export const shareOf = (position: Position, target: Position): number =>
  Number((position * 10_000n) / target) / 10_000;

/** The share of a build that sealing takes. */
const SEAL_SHARE = 0.2;

/** The completed share of a build whose log ends at `target`. */
export function shareOfBuild(
  { position, sealed = 0 }: Pick<BuildProgress, 'position' | 'sealed'>,
  target: Position | null,
): number {
  const read = target === null || target <= 0n ? 0 : Math.min(1, shareOf(position, target));
  return read * (1 - SEAL_SHARE) + sealed * SEAL_SHARE;
}

/** The last bit is left for the swap. */
const atMost = (share: number): number => Math.min(0.9999, Math.round(share * 10_000) / 10_000);
