import type { Loaded } from '../commands/aggregate.ts';
import { eventsOf, type EventStore, type RecordedEvent } from '../events/eventStore.ts';
import { subjectOf } from '../events/streams.ts';
import { documentOf, loadedFrom, ProjectionFault, step, type EventPlace } from './fold.ts';
import type { Checkpoint, Row, RowStore, SealOptions, ViewDocument, ViewStore } from './readModel.ts';
import type { Skips } from './skips.ts';
import type { DocumentView, RowView } from './view.ts';

/**
 * Fills a generation that nobody reads yet: folds in memory, writes in bulk. Strict: rejects with ProjectionFault at the first event that the
 * view cannot apply and that nobody has said to skip.
 */
export interface Filling {
  /** Folds the next events of the log into what is in memory. */
  add(events: readonly RecordedEvent[]): Promise<void>;
  /** Whether so much is in memory that it should be written. */
  isFull(): boolean;
  /** Writes what is in memory, and moves the checkpoint. */
  flush(from: Checkpoint | null, to: Checkpoint): Promise<'written' | 'refused'>;
  /** Builds what was left for the end, indexes, and makes all of it durable. Ends early when the signal aborts. */
  seal(options?: SealOptions): Promise<void>;
}

/** How much a filling reads, holds and writes at a time. */
export interface FillLimits {
  /** Events read at a time. */
  page: number;
  /** Documents in memory at most, give or take a page: some 2 KB each. The more, the fewer are read and written several times over. */
  documents: number;
  /** Documents written at a time: only so many exist twice, folded and as they are stored. */
  atOnce: number;
  /** Rows in memory at most: each holds the whole text of what happened. */
  rows: number;
  /** How much time's work a crash may cost, in milliseconds: after so long what is in memory is written although there is room. */
  unwrittenMs: number;
}

/** What pays on logs of millions of events, and stays within 400 MB (docs/benchmarks.md). */
export const FILL_LIMITS: FillLimits = {
  page: 2_000,
  documents: 50_000,
  atOnce: 2_000,
  rows: 5_000,
  unwrittenMs: 10_000,
};

interface Subject<Body> {
  loaded: Loaded<Body>;
  /** The last event that is in it; not the event itself, which is as large as the state. */
  last: EventPlace | null;
  /** Of a kept generation that is shown again: it waits for somebody's decision. */
  isParked: boolean;
}

/** Fills a view with a document a subject. */
export function documentFilling<Body extends object>(
  view: DocumentView<Body>,
  {
    viewStore,
    store,
    skips,
  }: {
    viewStore: ViewStore;
    store: Pick<EventStore, 'readStream'>;
    skips: Skips;
  },
  { documents: most, atOnce }: Pick<FillLimits, 'documents' | 'atOnce'>,
): Filling {
  const subjects = new Map<number, Subject<Body>>();
  const changed = new Map<number, Subject<Body>>();

  /** Subjects that are not in memory, as far as they were written before. A first event needs no look: nothing is before it. */
  async function loadMissing(events: readonly { id: number; event: RecordedEvent }[]): Promise<void> {
    const missing = new Set<number>();
    for (const { id, event } of events) {
      if (!subjects.has(id) && event.revision > 0) missing.add(id);
    }
    if (missing.size === 0) return;
    for (const document of await viewStore.load([...missing])) {
      subjects.set(document.id, {
        loaded: loadedFrom<Body>(document),
        last: null,
        isParked: document.parked !== null,
      });
    }
  }

  async function fold(id: number, event: RecordedEvent): Promise<void> {
    let subject = subjects.get(id);
    if (!subject) {
      subject = { loaded: loadedFrom<Body>(undefined), last: null, isParked: false };
      subjects.set(id, subject);
    }
    const { revision } = subject.loaded;
    if (event.revision <= revision || subject.isParked) return;
    if (event.revision === revision + 1) subject.loaded = step(view, subject.loaded, event, skips);
    else await foldMissed(subject, event);
    const { stream, type, position } = event;
    subject.last = { stream, revision: event.revision, type, position };
    changed.set(id, subject);
  }

  async function foldMissed(subject: Subject<Body>, event: RecordedEvent): Promise<void> {
    for await (const missed of eventsOf(store, event.stream, subject.loaded.revision + 1)) {
      if (missed.revision > event.revision) return;
      subject.loaded = step(view, subject.loaded, missed, skips);
    }
  }

  function documentFrom(id: number, { loaded, last }: Subject<Body>): ViewDocument {
    try {
      return documentOf(view, id, loaded);
    } catch (error) {
      throw last ? new ProjectionFault(view.name, last, error) : error;
    }
  }

  const documentsFrom = (some: readonly [id: number, subject: Subject<Body>][]): ViewDocument[] =>
    some.map(([id, subject]) => documentFrom(id, subject));

  /** Half of them, so that not every page has to be written at once. */
  function forgetOldest(): void {
    if (subjects.size <= most) return;
    for (const id of subjects.keys()) {
      if (subjects.size <= most / 2) return;
      subjects.delete(id);
    }
  }

  return {
    async add(events) {
      const own = events.flatMap((event) => {
        const subject = subjectOf(event.stream);
        return subject?.kind === view.aggregate.kind ? { id: subject.id, event } : [];
      });
      await loadMissing(own);
      for (const { id, event } of own) await fold(id, event);
    },
    isFull: () => subjects.size > most,
    async flush(from, to) {
      // In the order of the ids, each page of the storage is touched once. What is written before the checkpoint moves is
      // passed over when its events are read again.
      const inOrder = [...changed].sort(([a], [b]) => a - b);
      let written = 0;
      for (; inOrder.length - written > atOnce; written += atOnce) {
        await viewStore.put(documentsFrom(inOrder.slice(written, written + atOnce)));
      }
      const documents = documentsFrom(inOrder.slice(written));
      const outcome = await viewStore.write({ documents, from, to });
      changed.clear();
      forgetOldest();
      return outcome;
    },
    seal: (options) => viewStore.seal(options),
  };
}

/** Fills a view with a row an event. */
export function rowFilling(
  view: RowView,
  rowStore: RowStore,
  { rows: most }: Pick<FillLimits, 'rows'>,
): Filling {
  let rows: Row[] = [];
  return {
    async add(events) {
      for (const event of events) {
        const row = view.rowOf(event);
        if (row) rows.push(row);
      }
    },
    isFull: () => rows.length >= most,
    async flush(from, to) {
      const filled = rows;
      rows = [];
      return rowStore.fill({ rows: filled, from, to });
    },
    seal: (options) => rowStore.seal(options),
  };
}
