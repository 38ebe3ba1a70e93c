import type { Job } from '../../projections/record/viewRecord.ts';
import { presentJob } from '../../presentation/presentJob.ts';
import { duration, grouped, percent, tableLines } from './table.ts';

/** A job in one line: the completed share and the remaining time. */
export function progressLine(job: Job): string {
  const { id, state, processed, share, eventsPerSecond, etaSeconds, error } = job;
  const parts = [
    `${id}  ${percent(share)}`,
    `${grouped(processed)} events read`,
    ...(state === 'running' ? [`${grouped(eventsPerSecond)} events/s`] : [state]),
    ...(etaSeconds === null ? [] : [`ETA ${duration(etaSeconds)}`]),
    ...(error === null ? [] : [error]),
  ];
  return parts.join(', ');
}

/** Jobs as a table, with errors in the last column. */
export const jobLines = (jobs: readonly Job[]): string[] =>
  tableLines(
    ['JOB', 'KIND', 'STATE', 'SHARE', 'EVENTS READ', 'EVENTS/S', 'STARTED', 'TOOK', 'ERROR'],
    jobs.map(({ id, kind, state, share, processed, eventsPerSecond, startedAt, endedAt, error }) => [
      id,
      kind,
      state,
      percent(share),
      grouped(processed),
      endedAt === null ? grouped(eventsPerSecond) : '',
      startedAt,
      endedAt === null ? '' : duration((Date.parse(endedAt) - Date.parse(startedAt)) / 1_000),
      error ?? '',
    ]),
    ['SHARE', 'EVENTS READ', 'EVENTS/S', 'TOOK'],
  );

export interface JobPrinter {
  /** Shows the job when due: one rewritten line on a terminal, JSON lines elsewhere. */
  show(job: Job): void;
  /** Removes the line from the terminal before other output. */
  clear(): void;
  /** Shows the last state at once and ends the line. */
  end(job: Job): void;
}

const PIPE_INTERVAL_MS = 1_000;

export function jobPrinter(out: NodeJS.WriteStream): JobPrinter {
  let printed = '';
  let printedAt = -Infinity;

  function print(job: Job, isLast: boolean): void {
    if (out.isTTY) {
      out.write(`\r\u001b[K${progressLine(job)}${isLast ? '\n' : ''}`);
      return;
    }
    const line = JSON.stringify(presentJob(job));
    if (line === printed || (!isLast && performance.now() - printedAt < PIPE_INTERVAL_MS)) return;
    printed = line;
    printedAt = performance.now();
    out.write(`${line}\n`);
  }

  return {
    show: (job) => {
      print(job, false);
    },
    clear() {
      if (out.isTTY) out.write('\r\u001b[K');
    },
    end: (job) => {
      print(job, true);
    },
  };
}
