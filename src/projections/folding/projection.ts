import type { Clock } from '../../platform/clock.ts';
import type { EventStore, RecordedEvent } from '../../events/eventStore.ts';
import { documentBulkFold, rowBulkFold, type BulkFoldLimits, type BulkFold } from './bulkFold.ts';
import type { Consumer } from '../ports/consumer.ts';
import { documentsAhead } from './documentsAhead.ts';
import { eraseRows, erasedIn, erasedStreams } from './erasedSubjects.ts';
import { foldBatch } from './foldBatch.ts';
import { ReadModelError } from '../record/readModelError.ts';
import type { OpenOptions, ReadModel } from '../ports/readModel.ts';
import type { RowStore } from '../ports/rows.ts';
import type { FoldDependencies } from './fold.ts';
import type { ViewDocument, ViewReader } from '../ports/documents.ts';
import type { ViewDeclaration } from '../record/viewDeclaration.ts';
import { settleParked } from './settleParked.ts';
import { repairDocument } from './repairDocument.ts';
import { readSkips, skippedIn, type Skips } from '../../events/bookkeeping/skips.ts';
import { SKIPS_STREAM } from '../../events/streams.ts';
import type { DocumentView, RowView } from '../ports/view.ts';

/** Applies events to one generation of a view of any kind; its name is the view's. */
export interface Projection extends Consumer {
  /** Applies in bulk and strictly, for a generation that has no readers yet. */
  filling(limits: BulkFoldLimits): BulkFold;
  /**
   * Prepares the generation to replace the current one, once it has reached its position: retries
   * its parked subjects. Rejects with an Error if one of them would be shown at an older revision
   * than now.
   */
  settle(isAnyShown: boolean): Promise<void>;
}

/** A view and how its generations are made. */
export interface ProjectedView extends ViewDeclaration {
  /** Prefixes of the streams whose events it takes. */
  prefixes: readonly string[];
  /** The current view, whichever instance maintains it. */
  shown(readModel: ReadModel): Pick<ViewReader, 'checkpoint'>;
  /** The projection into one generation; see ReadModel.open. */
  open(generation: number, stores: ViewStores, options?: OpenOptions): Promise<Projection>;
}

/** What views are maintained over. */
export interface ViewStores {
  readModel: ReadModel;
  store: EventStore;
  clock: Clock;
}

/** A view with one document per subject. */
export const projectedDocuments = <Body extends object>(view: DocumentView<Body>): ProjectedView => ({
  name: view.name,
  version: view.version,
  prefixes: prefixesOf(view),
  shown: (readModel) => readModel.shown(view),
  async open(generation, { readModel, store, clock }, options) {
    const viewStore = await readModel.open(view, generation, options);
    const skips = await readSkips(store);
    return documentProjection(view, { viewStore, store, clock, skips, shown: readModel.shown(view) });
  },
});

/** A view with one row per event. */
export const projectedRows = (view: RowView): ProjectedView => ({
  name: view.name,
  version: view.version,
  prefixes: view.prefixes,
  shown: (readModel) => readModel.shownRows(view),
  open: async (generation, { readModel, store }, options) =>
    rowProjection(view, await readModel.openRows(view, generation, options), store),
});

/** Includes the skips: a generation honours those stored while it is built or followed. */
const prefixesOf = ({ aggregate }: { aggregate: { kind: string } }): string[] => [
  `${aggregate.kind}-`,
  SKIPS_STREAM,
];

/** Attempts to mark parked subjects against other writers, before the batch is retried from the start. */
const MAX_ROUNDS = 10;

/** Folds events into the documents of their subjects. */
export const documentProjection = <Body extends object>(
  view: DocumentView<Body>,
  { skips: present, shown, ...dependencies }: FoldDependencies & { skips: Skips; shown: ViewReader },
): Projection => {
  const { viewStore, store, clock } = dependencies;
  const ahead = documentsAhead(view, viewStore);
  let skips = present;

  async function applySkips(events: readonly RecordedEvent[]): Promise<void> {
    const skipped = skippedIn(view, events);
    if (skipped.length > 0) skips = await readSkips(store);
    for (const id of skipped) await repairDocument(view, dependencies, id);
  }

  /**
   * The documents that the events change. First, marks of parked subjects hold back their events;
   * if a retry has just removed a mark, the event goes into the document instead.
   */
  async function documentsFor(
    events: readonly RecordedEvent[],
    loaded: Pick<ViewReader, 'load'>,
  ): Promise<ViewDocument[]> {
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const stored = round === 0 ? loaded : viewStore;
      const { documents, held } = await foldBatch(view, { store, clock, skips, stored }, events);
      if (held.length === 0) return documents;
      await viewStore.put(held);
    }
    throw new ReadModelError(`others keep writing the parked subjects of ${view.name}`);
  }

  return {
    name: view.name,
    prefixes: prefixesOf(view),
    checkpoint: () => viewStore.checkpoint(),
    prepare: (events, before) => {
      ahead.prepare(events, before);
    },
    apply: async (events, from, to) => {
      await applySkips(events);
      const documents = await documentsFor(events, ahead.of(events));
      const erased = erasedIn(view, events);
      // Even without a changed document: a retry or a skip may have just folded the erasure.
      if (erased.size > 0) await viewStore.erase(documents.filter(({ id }) => erased.has(id)));
      const outcome = await viewStore.write({ documents, from, to });
      ahead.wrote(events, documents);
      return outcome;
    },
    filling: (limits) => documentBulkFold(view, { viewStore, store, skips }, limits),
    settle: (isAnyShown) => settleParked(view, dependencies, isAnyShown ? shown : null),
  };
};

/** Inserts one row per event. */
const rowProjection = (
  view: RowView,
  rowStore: RowStore,
  store: Pick<EventStore, 'readStream'>,
): Projection => ({
  name: view.name,
  prefixes: view.prefixes,
  checkpoint: () => rowStore.checkpoint(),
  apply: async (events, from, to) => {
    await eraseRows(view, { rowStore, store }, erasedStreams(events));
    const rows = events.flatMap((event) => view.rowOf(event) ?? []);
    return rowStore.write({ rows, from, to });
  },
  filling: (limits) => rowBulkFold(view, { rowStore, store }, limits),
  settle: async () => undefined,
});
