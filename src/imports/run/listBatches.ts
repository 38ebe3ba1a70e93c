import type { Reason } from '../../projections/record/listImport.ts';
import type { ImportKind, ListLine } from '../list/listLine.ts';
import type { List } from '../reading/readList.ts';
import { givenOf, recordOf } from '../records/importRecords.ts';
import type { ReadyLine } from './importBatch.ts';
import type { GivenLine } from './updateBatch.ts';

/** Some lines of a list: records to import, or in an update what lines give; and those that cannot be read. */
export interface Batch {
  lines: number;
  /** The share of the source that was read with its last line; null if the size is unknown. */
  share: number | null;
  ready: ReadyLine[];
  given: GivenLine[];
  unreadable: { line: number; reasons: readonly Reason[] }[];
}

/** The lines of a list in batches, without the first `skip`. Ends early when the signal aborts. Errors as the list's. */
export async function* batchesOf(
  list: List,
  {
    isUpdate,
    skip,
    size,
    readShare,
    signal,
  }: {
    isUpdate: boolean;
    skip: number;
    size: number;
    readShare(): number | null;
    signal: AbortSignal;
  },
): AsyncGenerator<Batch, undefined> {
  let batch = emptyBatch();
  let left = skip;
  for await (const one of list.lines) {
    if (signal.aborted) return undefined;
    if (left > 0) {
      left -= 1;
      continue;
    }
    addLine(batch, one, { kind: kindOf(list), isUpdate });
    if (batch.lines < size) continue;
    yield { ...batch, share: readShare() };
    batch = emptyBatch();
  }
  if (batch.lines > 0) yield { ...batch, share: readShare() };
  return undefined;
}

/** What the list holds; users as long as no line has shown it. */
export const kindOf = (list: List): ImportKind => list.kind() ?? 'users';

const emptyBatch = (): Batch => ({ lines: 0, share: null, ready: [], given: [], unreadable: [] });

function addLine(
  batch: Batch,
  one: ListLine,
  { kind, isUpdate }: { kind: ImportKind; isUpdate: boolean },
): void {
  const { line } = one;
  batch.lines += 1;
  if ('problem' in one) batch.unreadable.push({ line, reasons: [one.problem] });
  else if (isUpdate) {
    const read = givenOf(kind, one.members, one.hints);
    if ('reasons' in read) batch.unreadable.push({ line, reasons: read.reasons });
    else batch.given.push({ line, given: read.given });
  } else {
    const read = recordOf(kind, one.members, one.hints);
    if ('reasons' in read) batch.unreadable.push({ line, reasons: read.reasons });
    else batch.ready.push({ line, record: read.record });
  }
}
