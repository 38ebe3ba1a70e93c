import type { ViewStatus } from '../../availability/viewStatus.ts';
import type { ParkedEntry } from '../../projections/parking/parkedSubjects.ts';
import { duration, grouped, tableLines } from './table.ts';
import { printable } from './timeline.ts';

/** The views as a table, with errors in the last column. */
export const viewLines = (views: readonly ViewStatus[]): string[] =>
  tableLines(
    ['VIEW', 'VERSION', 'GENERATION', 'STATE', 'POSITION', 'LAG', 'EVENTS BEHIND', 'PARKED', 'ERROR'],
    views.map((view) => [
      view.name,
      String(view.version),
      String(view.generation),
      view.state,
      view.position === null ? '-' : String(view.position),
      duration(view.lagSeconds),
      view.lagEvents === null ? '-' : grouped(view.lagEvents),
      grouped(view.parked),
      view.lastError ?? '',
    ]),
    ['VERSION', 'GENERATION', 'POSITION', 'LAG', 'EVENTS BEHIND', 'PARKED'],
  );

/** The parked subjects as a table, with the reason in the last column. */
export const parkedLines = (parked: readonly ParkedEntry[]): string[] =>
  tableLines(
    ['ENTRY', 'SUBJECT', 'REVISION', 'TYPE', 'ATTEMPTS', 'LAST TRY', 'REASON'],
    parked.map(({ id, subject, revision, type, attempts, at, reason }) => [
      id,
      subject,
      String(revision),
      type,
      String(attempts),
      at,
      printable(reason),
    ]),
    ['REVISION', 'ATTEMPTS'],
  );
