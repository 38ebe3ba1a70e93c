import type { Position } from '../events/eventStore.ts';
import type { Job } from './control.ts';
import type { FillProgress } from './fill.ts';

/** What is watched of a job. */
export type Progress = Pick<Job, 'processed' | 'share' | 'eventsPerSecond' | 'etaSeconds'>;

/** The rate is that of the last so many milliseconds. */
const WINDOW_MS = 5_000;

interface Sample {
  ms: number;
  events: number;
  share: number;
}

/** Follows a run that fills up to `target`, from what the job had processed before. `ms` only ever grows. */
export function trackProgress({
  before,
  from,
  target,
  startMs,
}: {
  before: number;
  /** Where this run starts: null for the first event. */
  from: Position | null;
  target: Position | null;
  startMs: number;
}): { note(progress: FillProgress, ms: number): Progress } {
  let samples: Sample[] = [{ ms: startMs, events: 0, share: shareBefore(from ?? 0n, target) }];

  return {
    note({ events, position }, ms) {
      const share = shareBefore(position, target);
      samples.push({ ms, events, share });
      samples = samples.filter((one, index) => index === samples.length - 1 || ms - one.ms <= WINDOW_MS);
      const [oldest = { ms, events, share }] = samples;
      const seconds = (ms - oldest.ms) / 1_000;
      const perSecond = seconds > 0 ? (events - oldest.events) / seconds : 0;
      const sharePerSecond = seconds > 0 ? (share - oldest.share) / seconds : 0;
      return {
        processed: before + events,
        share,
        eventsPerSecond: Math.round(perSecond),
        etaSeconds: sharePerSecond > 0 ? Math.ceil((1 - share) / sharePerSecond) : null,
      };
    },
  };
}

/** How much of the log up to `target` is done. Positions are exact as bigints only; a share needs four digits. */
export const shareOf = (position: Position, target: Position): number =>
  Number((position * 10_000n) / target) / 10_000;

/** The last of it is left for the swap. */
const shareBefore = (position: Position, target: Position | null): number =>
  target === null || target <= 0n ? 0 : Math.min(0.9999, shareOf(position, target));
