import { endsSubject } from '../../domain/aggregate.ts';
import { eventsOf, NO_REVISION, type EventStore, type RecordedEvent } from '../../events/eventStore.ts';
import { readSkips, skippedIn, type Skips } from '../../events/bookkeeping/skips.ts';
import { subjectStream } from '../../events/streams.ts';
import { eraseRows, erasedStreams } from './erasedSubjects.ts';
import { loadedFrom, emptyDocument, applyForView, type Applied, type FoldDependencies } from './fold.ts';
import { ownEvents } from './ownEvents.ts';
import { holdingBack, isMarked, reachOf, type SealOptions, type ViewDocument } from '../ports/documents.ts';
import type { Row, RowStore } from '../ports/rows.ts';
import type { Checkpoint } from '../record/viewDeclaration.ts';
import type { DocumentView, RowView } from '../ports/view.ts';

/**
 * Builds a generation that has no readers yet: folds in memory and writes in bulk. Strict: rejects
 * with ProjectionError at the first event that the view cannot apply and that is not skipped.
 */
export interface BulkFold {
  /** Folds the next events of the log in memory. */
  add(events: readonly RecordedEvent[]): Promise<void>;
  /** Whether enough is in memory to be written. */
  isFull(): boolean;
  /** Writes what is in memory and moves the checkpoint. */
  flush(from: Checkpoint | null, to: Checkpoint): Promise<'written' | 'refused'>;
  /** Builds what was deferred (indexes), and makes all durable. Ends early when the signal aborts. */
  seal(options?: SealOptions): Promise<void>;
}

/**
 * How much a bulk fold reads, holds and writes at a time. Pays off on logs of millions of events and
 * stays below 400 MB (docs/benchmarks.md).
 */
export const BULK_FOLD_LIMITS = {
  /** Events per read. */
  page: 2_000,
  /** Most documents in memory, about 2 KB each, give or take a page. More save repeated writes. */
  documents: 50_000,
  /** Documents per write: only these exist twice, folded and as stored. */
  atOnce: 2_000,
  /** Most rows in memory: each holds the full text of its event. */
  rows: 5_000,
  /** Milliseconds after which the memory is written in any case: the work that a crash may lose. */
  unwrittenMs: 10_000,
};

export type BulkFoldLimits = typeof BULK_FOLD_LIMITS;

interface Subject<Body> extends Applied<Body> {
  /** Whether a write may have stored something of the subject that an erasure has to find. */
  hasData: boolean;
}

/** Builds a view with one document per subject. */
export function documentBulkFold<Body extends object>(
  view: DocumentView<Body>,
  { viewStore, store, skips: present }: Pick<FoldDependencies, 'viewStore' | 'store'> & { skips: Skips },
  { documents: most, atOnce }: Pick<BulkFoldLimits, 'documents' | 'atOnce'>,
): BulkFold {
  /** Those when the build begins, then with those stored since. */
  let skips = present;
  const subjects = new Map<number, Subject<Body>>();
  const changed = new Map<number, Subject<Body>>();
  /** Subjects that were erased since the last write. */
  const erased = new Set<number>();
  /** Subjects whose keys were erased before this build: it never had their data in clear. */
  const neverReadable = new Set<number>();

  /**
   * Loads subjects that were written earlier. If a subject's first event is in `events`, only a write
   * before a crash can have stored it, which matters only to an erasure.
   */
  async function loadMissing(events: readonly { id: number; event: RecordedEvent }[]): Promise<void> {
    const missing = new Set<number>();
    for (const { id, event } of events) {
      if (!subjects.has(id) && (event.revision > 0 || endsSubject(event))) missing.add(id);
    }
    if (missing.size === 0) return;
    for (const document of await viewStore.load([...missing]))
      subjects.set(document.id, subjectFrom(document));
  }

  const subjectFrom = (document: ViewDocument): Subject<Body> => ({
    loaded: loadedFrom<Body>(document),
    document,
    // Before a removal, a stored tombstone had data, and the files may still hold it.
    hasData: document.revision > NO_REVISION && !neverReadable.has(document.id),
  });

  async function fold(id: number, event: RecordedEvent): Promise<void> {
    const subject = subjects.get(id) ?? subjectFrom(emptyDocument(id));
    subjects.set(id, subject);
    const { document, loaded } = subject;
    const { revision } = loaded;
    if (event.revision <= revision) return;
    if (endsSubject(event)) {
      if (event.revision === 0) neverReadable.add(id);
      if (subject.hasData) erased.add(id);
    }
    // A parked document of a restored generation is retried before that is shown (see settleParked).
    const isHeld = isMarked(document) && !endsSubject(event);
    if (isHeld) subject.document = holdingBack(document, event.revision);
    else if (event.revision === revision + 1) apply(id, subject, event);
    else await foldUpTo(id, subject, event.revision);
    subject.hasData ||= subject.loaded.state !== null;
    changed.set(id, subject);
  }

  function apply(id: number, subject: Subject<Body>, event: RecordedEvent): void {
    Object.assign(subject, applyForView(view, id, subject.loaded, event, skips));
  }

  async function foldUpTo(id: number, subject: Subject<Body>, revision: number): Promise<void> {
    const stream = subjectStream(view.aggregate.kind, id);
    for await (const event of eventsOf(store, stream, subject.loaded.revision + 1)) {
      if (event.revision > revision) return;
      apply(id, subject, event);
    }
  }

  /** Folds a subject again with the newest skips, as far as this or another builder has come. */
  async function foldAgain(id: number): Promise<void> {
    const [stored = null] = await viewStore.load([id]);
    const known = subjects.get(id)?.document ?? stored;
    // A parked subject is retried before the generation is shown.
    if (!known || isMarked(known)) return;
    const subject = subjectFrom(emptyDocument(id));
    subject.hasData = subjectFrom(known).hasData;
    await foldUpTo(id, subject, Math.max(reachOf(known), reachOf(stored ?? known)));
    if (stored) await viewStore.repair(stored, subject.document);
    subjects.set(id, subject);
    changed.set(id, subject);
  }

  async function applySkips(events: readonly RecordedEvent[]): Promise<void> {
    const skipped = skippedIn(view, events);
    if (skipped.length === 0) return;
    skips = await readSkips(store);
    for (const id of skipped) await foldAgain(id);
  }

  /** Drops half of them, so that not every page triggers a write. */
  function forgetOldest(): void {
    if (subjects.size <= most) return;
    for (const id of subjects.keys()) {
      if (subjects.size <= most / 2) return;
      subjects.delete(id);
    }
  }

  return {
    async add(events) {
      await applySkips(events);
      const own = ownEvents(view, events);
      await loadMissing(own);
      for (const { id, event } of own) await fold(id, event);
    },
    isFull: () => subjects.size > most,
    async flush(from, to) {
      // In id order, each page of the storage is touched once. Documents written before a crash
      // that kept the checkpoint from moving are skipped when their events are read again.
      const documents = [...changed].sort(([a], [b]) => a - b).map(([, { document }]) => document);
      if (erased.size > 0) await viewStore.erase(documents.filter(({ id }) => erased.has(id)));
      erased.clear();
      let written = 0;
      for (; documents.length - written > atOnce; written += atOnce) {
        await viewStore.put(documents.slice(written, written + atOnce));
      }
      const outcome = await viewStore.write({ documents: documents.slice(written), from, to });
      changed.clear();
      forgetOldest();
      return outcome;
    },
    seal: (options) => viewStore.seal(options),
  };
}

/** Builds a view with one row per event. */
export function rowBulkFold(
  view: RowView,
  { rowStore, store }: { rowStore: RowStore; store: Pick<EventStore, 'readStream'> },
  { rows: most }: Pick<BulkFoldLimits, 'rows'>,
): BulkFold {
  let rows: Row[] = [];
  /** Streams of subjects that were erased since the last write. */
  const erased = new Set<string>();

  /** Also replaces rows in memory, which may have been read before the erasure. */
  async function redact(): Promise<void> {
    if (erased.size === 0) return;
    const redacted = await eraseRows(view, { rowStore, store }, erased);
    const byPosition = new Map(redacted.map((row) => [row.position, row]));
    rows = rows.map((row) => byPosition.get(row.position) ?? row);
    erased.clear();
  }

  return {
    async add(events) {
      for (const stream of erasedStreams(events)) erased.add(stream);
      for (const event of events) {
        const row = view.rowOf(event);
        if (row) rows.push(row);
      }
    },
    isFull: () => rows.length >= most,
    async flush(from, to) {
      await redact();
      const filled = rows;
      rows = [];
      return rowStore.fill({ rows: filled, from, to });
    },
    seal: (options) => rowStore.seal(options),
  };
}
