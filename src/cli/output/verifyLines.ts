import { trackProgress } from '../../projections/rebuild/jobProgress.ts';
import type { FoundDifference } from '../../verify/difference.ts';
import type { VerifyProgress } from '../../verify/verification.ts';
import type { VerifyResult } from '../../verify/verifyViews.ts';
import { percent } from './table.ts';
import { shown } from './timeline.ts';

const TTY_INTERVAL_MS = 200;
const PIPE_INTERVAL_MS = 5_000;

/** A difference in one line, for people. */
export function differenceLine(difference: FoundDifference): string {
  const { projection, subject, revision, position, values, repaired } = difference;
  const place = position === null ? '' : ` (position ${position})`;
  const about = `${subject}${revision === null ? '' : `@${revision}`}${place}`;
  const comparison = values ? `, should be ${shown(values.expected)}, is ${shown(values.found)}` : '';
  const outcome = repaired === null ? '' : repaired ? ': repaired' : ': NOT repaired';
  return `${projection ?? 'reservations'}  ${about}  ${problemText(difference)}${comparison}${outcome}`;
}

function problemText({ problem, member, claimant }: FoundDifference): string {
  if (problem === 'missing') return 'is missing';
  if (problem === 'unexpected') return 'has no corresponding event';
  if (problem === 'parked') return 'is parked';
  if (problem === 'different') return member === null ? 'does not match its events' : `differs in ${member}`;
  const claims = claimant === null ? 'never claimed' : `last claimed by ${claimant}`;
  return `holds its ${member ?? 'value'}, which was ${claims}`;
}

/** A difference as a JSON line. */
export function differenceJson({ values, ...difference }: FoundDifference): string {
  return JSON.stringify({ ...difference, ...values });
}

/** The result, for people. «no differences» only for a complete verification. */
export function resultLine(
  { isWhole, subjects, events, differences, repaired }: VerifyResult,
  repair: boolean,
): string {
  const count = `${differences === 0 ? 'no' : differences} ${differences === 1 ? 'difference' : 'differences'}`;
  const repairs = repair && differences > 0 ? `, ${repaired} repaired` : '';
  const read = `${subjects} subjects, ${events} events`;
  if (isWhole) return `${read}: ${count}${repairs}`;
  return `interrupted after ${read}: ${differences === 0 ? 'no difference found' : count} so far${repairs}`;
}

export interface ProgressLine {
  show(progress: VerifyProgress): void;
  /** Shows what has to be waited for first. */
  note(what: string): void;
  /** Removes the line from the terminal before other output. */
  clear(): void;
}

/**
 * Progress: one rewritten line on a terminal; elsewhere a line every five seconds, as JSON if
 * requested.
 */
export function progressLine(out: NodeJS.WriteStream, json: boolean): ProgressLine {
  const startMs = performance.now();
  const track = trackProgress({ before: 0, startMs });
  let shownAt = startMs;

  function write(text: string, machine: object): void {
    if (out.isTTY) out.write(`\r\u001b[K${text}`);
    else out.write(`${json ? JSON.stringify(machine) : text}\n`);
  }
  function isTime(now: number): boolean {
    if (now - shownAt < (out.isTTY ? TTY_INTERVAL_MS : PIPE_INTERVAL_MS)) return false;
    shownAt = now;
    return true;
  }

  return {
    show({ processed, share }) {
      const now = performance.now();
      const progress = track.note({ events: processed, share }, now);
      if (!isTime(now)) return;
      const { eventsPerSecond, etaSeconds } = progress;
      const eta = etaSeconds === null ? '' : `, ${etaSeconds} s left`;
      write(`${percent(share)}, ${processed} events read, ${eventsPerSecond} events/s${eta}`, progress);
    },
    note(what) {
      if (isTime(performance.now())) write(what, { waits: what });
    },
    clear() {
      if (out.isTTY) out.write('\r\u001b[K');
    },
  };
}
