import type { Change } from '../../projections/views/history.ts';
import type { Candidate } from '../reading/readRoll.ts';
import type { RollKind } from '../rollKinds.ts';

/** The change of one person between two rolls. */
export interface RollChange {
  kind: 'joined' | 'left' | 'changed';
  id: number;
  dni: string;
  name: string;
  /**
   * The net changes per field, without the id. If the person joined, every field with `before` null;
   * if the person left, with `after` null.
   */
  changes: Change[];
}

/** How many people joined, left and changed, and how many were on the roll before and after. */
export interface RollSummary {
  joined: number;
  left: number;
  changed: number;
  before: number;
  after: number;
}

/** The change of a person from `before` on one roll to `after` on a later one; null if none. */
function changeOn<State extends object>(
  kind: RollKind<State>,
  id: number,
  before: State | null,
  after: State | null,
): RollChange | null {
  const present = after ?? before;
  if (present === null) return null;
  const changes = differences(kind, before, after);
  if (before !== null && after !== null && changes.length === 0) return null;
  const what = before === null ? 'joined' : after === null ? 'left' : 'changed';
  return { kind: what, id, dni: kind.dniOf(present), name: kind.nameOf(present), changes };
}

/** The change of a subject that was folded to both. */
export const changeOfCandidate = <State extends object>(
  kind: RollKind<State>,
  { id, folds: [before, after] }: Candidate<State>,
): RollChange | null => changeOn(kind, id, before?.state ?? null, after?.state ?? null);

export const NO_CHANGES: RollSummary = { joined: 0, left: 0, changed: 0, before: 0, after: 0 };

/** Adds a batch to a summary. */
export function addToSummary<State extends object>(
  kind: RollKind<State>,
  summary: RollSummary,
  batch: readonly Candidate<State>[],
): RollSummary {
  const sum = { ...summary };
  for (const candidate of batch) {
    const [before, after] = candidate.folds;
    if (before && before.state !== null) sum.before += 1;
    if (after && after.state !== null) sum.after += 1;
    const change = changeOfCandidate(kind, candidate);
    if (change) sum[change.kind] += 1;
  }
  return sum;
}

type Entry = Partial<Record<string, unknown>>;

function differences<State extends object>(
  { present, columns, idColumn }: RollKind<State>,
  before: State | null,
  after: State | null,
): Change[] {
  const [old, new_] = [before, after].map((state): Entry =>
    state === null ? {} : (present(state) as Entry),
  );
  return columns
    .filter((field) => field !== idColumn)
    .map((field) => ({ field, before: old?.[field] ?? null, after: new_?.[field] ?? null }))
    .filter((change) => before === null || after === null || change.before !== change.after);
}
