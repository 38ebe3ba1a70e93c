import type { Position } from '../../events/eventStore.ts';
import type { Job } from '../record/viewRecord.ts';
import type { BuildProgress } from './buildGeneration.ts';

/** The reported progress of a job. */
export type Progress = Pick<Job, 'processed' | 'share' | 'eventsPerSecond' | 'etaSeconds'>;

/** The rate covers this many milliseconds. */
const WINDOW_MS = 5_000;

interface Sample {
  ms: number;
  events: number;
  share: number;
}

export interface Tracker {
  /** Records how far the run is and returns its progress. */
  note(progress: BuildProgress, ms: number): Progress;
  /** The progress now: the rate falls to 0 if nothing is recorded. */
  at(ms: number): Progress;
  /** Increases whenever it moves. */
  moves(): number;
}

/** Tracks a run up to `target`, starting from the job's earlier count. `ms` never decreases. */
export function trackProgress({
  before,
  from,
  target,
  startMs,
  sealShare = 0,
}: {
  before: number;
  /** Where this run starts; null for the first event. */
  from: Position | null;
  target: Position | null;
  startMs: number;
  /** The share of the whole, 0 to 1, that sealing takes. */
  sealShare?: number;
}): Tracker {
  const shareAt = (position: Position, sealed: number): number =>
    atMost(shareBefore(position, target) * (1 - sealShare) + sealed * sealShare);

  /** The samples within the window, and the last one before it, where the window began. */
  let samples: Sample[] = [{ ms: startMs, events: 0, share: shareAt(from ?? 0n, 0) }];
  let moves = 0;

  function progressAt(ms: number): Progress {
    const begins = samples.findLastIndex((one) => one.ms <= ms - WINDOW_MS);
    if (begins > 0) samples = samples.slice(begins);
    const newest = samples.at(-1) ?? { ms, events: 0, share: 0 };
    const oldest = samples[0] ?? newest;
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
    note({ events, position, sealed = 0 }, ms) {
      const share = shareAt(position, sealed);
      const last = samples.at(-1);
      if (last?.events !== events || last.share !== share) {
        samples.push({ ms, events, share });
        moves += 1;
      }
      return progressAt(ms);
    },
    at: progressAt,
    moves: () => moves,
  };
}

/**
 * The completed share of the log up to `target`. Only bigints are exact; a share needs four digits.
 */
export const shareOf = (position: Position, target: Position): number =>
  Number((position * 10_000n) / target) / 10_000;

const shareBefore = (position: Position, target: Position | null): number =>
  target === null || target <= 0n ? 0 : Math.min(1, shareOf(position, target));

/** The end of work that is no part of the log: for trackProgress, a share of it is a position. */
export const WHOLE: Position = 10_000n;

/** The position of that share, 0 to 1, of such work. */
export const positionAt = (share: number): Position => BigInt(Math.round(share * Number(WHOLE)));

/** The last bit is left for the swap. */
const atMost = (share: number): number => Math.min(0.9999, Math.round(share * 10_000) / 10_000);
