import { NO_REVISION, type Position } from '../events/eventStore.ts';
import { subjectOf, type SubjectKind } from '../events/streams.ts';
import type { ViewsByKind } from '../projections/ports/view.ts';
import { shareOf } from '../projections/rebuild/jobProgress.ts';
import type { FoundDifference } from './difference.ts';
import { logStretches, type LogStretch } from './logStretches.ts';
import { toDifference, type Verification, type VerifyProgress } from './verification.ts';
import { verifyDocuments } from './verifyDocuments.ts';
import { verifyRows } from './verifyRows.ts';

export interface VerifyOptions extends Omit<Verification, 'report'>, ViewsByKind {
  /** The head that every view has reached; null for an empty log. */
  upTo: Position | null;
  /** Whether differences include the members' values, with secrets masked. */
  showValues: boolean;
  /**
   * Called after each page. The verification continues when it has resolved, so it can pause the
   * work.
   */
  onProgress(progress: VerifyProgress): Promise<void>;
  onDifference(difference: FoundDifference): Promise<void>;
}

export interface VerifyResult {
  /** False if the signal aborted: there may be more differences. */
  isWhole: boolean;
  /** Subjects that were compared. */
  subjects: number;
  /** Events of the log that were examined, each counted once. */
  events: number;
  differences: number;
  /** Repaired differences; 0 without a repair. */
  repaired: number;
}

/** Measured share of the first pass; the second one reads stream by stream. */
const FIRST_PASS = 0.4;

/**
 * Folds every stream and compares it with each view and with the reservations, while writes
 * continue. First along the log: the rows of the insert-only views, and each subject's revision.
 * Then subject by subject: its documents and the values that it holds. Memory: one page of
 * documents and one revision per subject.
 *
 * With `repair`, differences are overwritten from the events and checked again; nothing else is
 * changed, and no event is.
 *
 * Rejects with EventStoreError or ReadModelError if a store is unreachable, with UnknownEventError
 * if only a newer padron can verify this log.
 */
export async function verifyViews(options: VerifyOptions): Promise<VerifyResult> {
  const { store, documentViews, rowViews, upTo, signal, showValues, onProgress, onDifference } = options;
  const result: VerifyResult = { isWhole: false, subjects: 0, events: 0, differences: 0, repaired: 0 };
  const verification: Verification = {
    ...options,
    async report(findings, about) {
      for (const finding of findings) {
        result.differences += 1;
        if (about.repaired) result.repaired += 1;
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
