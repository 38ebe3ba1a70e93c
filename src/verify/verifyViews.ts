import { NO_REVISION, type Position } from '../events/eventStore.ts';
import { subjectOf, type SubjectKind } from '../events/streams.ts';
import type { DocumentView, RowView } from '../projections/views/view.ts';
import { shareOf } from '../projections/rebuild/jobProgress.ts';
import type { FoundDifference } from './difference.ts';
import { logStretches, type LogStretch } from './logStretches.ts';
import { toDifference, type Verification, type VerifyProgress } from './verification.ts';
import { verifyDocuments } from './verifyDocuments.ts';
import { verifyRows } from './verifyRows.ts';

export interface VerifyOptions extends Omit<Verification, 'report'> {
  documentViews: readonly DocumentView<object>[];
  rowViews: readonly RowView[];
  /** The head of the log that every view has reached already; null for an empty log. */
  upTo: Position | null;
  /** Differences carry the values of the members; secrets masked. */
  showValues: boolean;
  /** Told after each page; the verification goes on when it has settled, so it may hold it. */
  onProgress(progress: VerifyProgress): Promise<void>;
  onDifference(difference: FoundDifference): Promise<void>;
}

export interface VerifyResult {
  /** False when the signal aborted: there may be more differences. */
  isWhole: boolean;
  /** Subjects that were compared. */
  subjects: number;
  /** Events of the log that were looked at, each counted once. */
  events: number;
  differences: number;
  /** Of these, how many are no more; 0 where nobody asked to repair. */
  mended: number;
}

/** What the passes take of the whole, as measured: the second one reads stream by stream. */
const FIRST_PASS = 0.4;

/**
 * Folds every stream and compares it with each view and with the reservations, while everybody goes on writing. First along the log: the rows of the
 * insert-only views, and where each subject stands; then subject by subject: its documents, and the values that it holds. Memory: a page of
 * documents and a revision a subject, however long the log is.
 *
 * With `repair` what differs is written anew from the events, and looked at again; nothing else is touched, and no event is changed.
 *
 * Rejects with EventStoreError or ReadModelError when a store is out of reach, with UnknownEventError when only a newer padron can verify this log.
 */
export async function verifyViews(options: VerifyOptions): Promise<VerifyResult> {
  const { store, documentViews, rowViews, upTo, signal, showValues, onProgress, onDifference } = options;
  const result: VerifyResult = { isWhole: false, subjects: 0, events: 0, differences: 0, mended: 0 };
  const verification: Verification = {
    ...options,
    async report(findings, about) {
      for (const finding of findings) {
        result.differences += 1;
        if (about.mended) result.mended += 1;
        await onDifference(toDifference(finding, about, showValues));
      }
    },
  };
  let processed = 0;
  async function progress(events: number, share: number): Promise<void> {
    processed += events;
    await onProgress({ processed, share });
  }

  const kinds = documentViews.map(({ aggregate }) => aggregate.kind);
  const revisions = new Map<SubjectKind, Map<number, number>>(kinds.map((kind) => [kind, new Map()]));
  const rows = rowViews.map((view) => verifyRows(view, verification));
  const prefixes = [
    ...new Set([...kinds.map((kind) => `${kind}-`), ...rowViews.flatMap((view) => view.prefixes)]),
  ];
  if (upTo !== null) {
    for await (const stretch of logStretches(store, { prefixes, from: null, upTo, signal })) {
      noteRevisions(revisions, stretch);
      for (const one of rows) await one.add(stretch);
      result.events += stretch.events.length;
      await progress(stretch.events.length, FIRST_PASS * (upTo <= 0n ? 1 : shareOf(stretch.to, upTo)));
      if (signal.aborted) break;
    }
  }
  for (const one of rows) await one.finish(upTo ?? 0n);

  const subjects = [...revisions.values()].reduce((sum, { size }) => sum + size, 0);
  for (const view of documentViews) {
    const own = revisions.get(view.aggregate.kind) ?? new Map<number, number>();
    await verifyDocuments(view, verification, own, async (page) => {
      result.subjects += page.subjects;
      const share = subjects === 0 ? 1 : result.subjects / subjects;
      await progress(page.events, FIRST_PASS + (1 - FIRST_PASS) * share);
    });
  }
  return { ...result, isWhole: !signal.aborted };
}

function noteRevisions(
  revisions: ReadonlyMap<SubjectKind, Map<number, number>>,
  { events }: Pick<LogStretch, 'events'>,
): void {
  for (const { stream, revision } of events) {
    const subject = subjectOf(stream);
    const known = subject && revisions.get(subject.kind);
    if (known && revision > (known.get(subject.id) ?? NO_REVISION)) known.set(subject.id, revision);
  }
}
