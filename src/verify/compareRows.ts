import { subjectOf, subjectStream } from '../events/streams.ts';
import type { Position } from '../events/eventStore.ts';
import type { Row, RowReader } from '../projections/ports/rows.ts';
import type { RowView } from '../projections/ports/view.ts';
import { differentMembers, whole, type Finding } from '../projections/folding/differentMembers.ts';
import type { LogStretch } from './logStretches.ts';
import { inIndex } from './verification.ts';

/** Rows read beyond the expected ones. */
const SURPLUS = 1;

export type FoundRow = Pick<Row, 'position' | 'json'>;

/** The differences of the row at one position. */
export interface RowFindings {
  position: Position;
  /** The row for the event at this position; null if the event has no row or there is no event. */
  expected: Row | null;
  /** `persona-5`, or the position if the subject is unknown. */
  subject: string;
  revision: number | null;
  findings: Finding[];
}

/**
 * Compares the rows of a stretch of the log with its events and returns those that differ.
 * `isApplied`: the view has passed this stretch, so an absent row is missing. Throws
 * UnknownEventError; rejects with ReadModelError.
 */
export async function compareRows(
  view: RowView,
  reader: Pick<RowReader, 'scan' | 'misplaced'>,
  { events, from, to }: LogStretch,
  isApplied: boolean,
): Promise<RowFindings[]> {
  const expected = new Map<Position, Expected>();
  for (const event of events) {
    const row = view.rowOf(event);
    if (row) expected.set(row.position, { row, subject: event.stream, revision: event.revision });
  }
  const different: RowFindings[] = [];
  const same: Expected[] = [];
  const pageSize = expected.size + SURPLUS;
  for await (const found of rowsBetween(reader, { from, to, pageSize })) {
    const own = expected.get(found.position);
    expected.delete(found.position);
    const findings = compareRow(own?.row ?? null, found);
    if (findings.length > 0)
      different.push(own ? findingsOf(own, findings) : { ...aboutOf(found), findings });
    else if (own) same.push(own);
  }
  const misplaced = new Set(await reader.misplaced(same.map(({ row }) => row)));
  for (const own of same)
    if (misplaced.has(own.row.position)) different.push(findingsOf(own, [inIndex('different')]));
  if (isApplied)
    for (const own of expected.values()) different.push(findingsOf(own, compareRow(own.row, null)));
  return different;
}

/** A row as its event makes it. */
interface Expected {
  row: Row;
  subject: string;
  revision: number;
}

const findingsOf = ({ row, subject, revision }: Expected, findings: Finding[]): RowFindings => ({
  position: row.position,
  expected: row,
  subject,
  revision,
  findings,
});

/** How a row differs from the expected one. Either is null if there is none. */
export function compareRow(expected: Row | null, found: FoundRow | null): Finding[] {
  if (!expected || !found) {
    if (!expected && !found) return [];
    return [whole(found ? 'unexpected' : 'missing')];
  }
  if (expected.json === found.json) return [];
  const there = parsed(found.json);
  if (!there) return [whole('different')];
  return differentMembers(JSON.parse(expected.json) as object, there);
}

/** Rows after `from`, up to and including `to`. */
async function* rowsBetween(
  reader: Pick<RowReader, 'scan'>,
  { from, to, pageSize }: { from: Position | null; to: Position; pageSize: number },
): AsyncGenerator<FoundRow> {
  for (let after = from; ;) {
    const page = await reader.scan({ after, limit: pageSize });
    for (const row of page) {
      if (row.position > to) return;
      yield row;
    }
    const last = page.at(-1);
    if (!last || page.length < pageSize || last.position === to) return;
    after = last.position;
  }
}

/**
 * An unexpected row and the subject that it names. The row is not trusted: only a well-formed subject
 * name is repeated.
 */
function aboutOf({ position, json }: FoundRow): Omit<RowFindings, 'findings'> {
  const { subject, revision } = (parsed(json) ?? {}) as { subject?: unknown; revision?: unknown };
  const named = typeof subject === 'string' ? subjectOf(subject) : null;
  return {
    position,
    expected: null,
    subject: named ? subjectStream(named.kind, named.id) : `position ${position}`,
    revision: typeof revision === 'number' ? revision : null,
  };
}

function parsed(json: string): object | null {
  try {
    const value = JSON.parse(json) as unknown;
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}
