import { createWriteStream, openSync, type WriteStream } from 'node:fs';
import { noCounts, type ImportReport } from '../../imports/run/importCounts.ts';
import { COMMAND_LINE } from '../../imports/reasons/door.ts';
import { reasonText } from '../../imports/reasons/reasonTexts.ts';
import { linesInWords } from '../../imports/run/importTexts.ts';
import { CliError, EXIT } from '../output/exit.ts';

export interface ImportProgress extends ImportReport {
  /** Shows the progress; `share` is 0 to 1, null if the size is unknown. */
  show(share: number | null): void;
  /** Ends the progress line and closes the error report. */
  end(): Promise<void>;
}

/** Maximum of failed lines printed on the terminal; the report file gets all of them. */
const MAX_SHOWN_FAILURES = 20;
const TTY_INTERVAL_MS = 200;
const PIPE_INTERVAL_MS = 5_000;

/** Progress on standard error: one line that rewrites itself on a terminal, a line every five seconds elsewhere. */
export function importProgress(errorsFile: string | null): ImportProgress {
  const counts = noCounts();
  const report = errorsFile === null ? null : openReport(errorsFile);
  const isTerminal = process.stderr.isTTY;
  const start = performance.now();
  let shownAt = start;

  const say = (text: string): void => {
    process.stderr.write(isTerminal ? `\r\u001b[K${text}\n` : `${text}\n`);
  };
  // What is stored does not depend on the report; a line failed, so the exit code says so anyway.
  report?.on('error', ({ code = 'error' }: NodeJS.ErrnoException) => {
    say(`padron: ${String(errorsFile)} cannot be written (${code}): not every failed line is in it`);
  });

  return {
    counts,
    fail(line, reasons) {
      counts.failed += 1;
      const errors = reasons.map((one) => reasonText(one, COMMAND_LINE));
      report?.write(`${JSON.stringify({ line, errors })}\n`);
      if (counts.failed <= MAX_SHOWN_FAILURES) say(`line ${line}: ${errors.join('; ')}`);
      if (counts.failed === MAX_SHOWN_FAILURES + 1)
        say(report ? '… more in the report' : '… more; --errors FILE keeps them all');
    },
    show(share) {
      const now = performance.now();
      if (now - shownAt < (isTerminal ? TTY_INTERVAL_MS : PIPE_INTERVAL_MS)) return;
      shownAt = now;
      const rate = Math.round((counts.lines / (now - start)) * 1_000);
      const percent = share === null ? '' : `${Math.round(share * 100)} %, `;
      const text = `${percent}${linesInWords(counts.lines)}, ${counts.failed} failed, ${rate} lines/s`;
      process.stderr.write(isTerminal ? `\r\u001b[K${text}` : `${text}\n`);
    },
    async end() {
      if (isTerminal) process.stderr.write('\r\u001b[K');
      if (report) await new Promise<void>((resolve) => report.end(resolve));
    },
  };
}

/** Opened first, so that an import does not discover at its end that its errors cannot be written. */
function openReport(file: string): WriteStream {
  try {
    return createWriteStream(file, { fd: openSync(file, 'w') });
  } catch {
    throw new CliError(`${file} cannot be written`, EXIT.usage);
  }
}
