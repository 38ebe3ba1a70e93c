import type { Clock } from '../../events/clock.ts';
import type { EventStore, RecordedEvent } from '../../events/eventStore.ts';
import { documentBulkFold, rowBulkFold, type BulkFoldLimits, type BulkFold } from './bulkFold.ts';
import { foldBatch } from './foldBatch.ts';
import {
  ReadModelError,
  type Checkpoint,
  type ReadModel,
  type RowStore,
  type ViewDeclaration,
  type ViewDocument,
  type ViewReader,
  type ViewStore,
} from '../ports/readModel.ts';
import { settleParked } from '../parking/settleParked.ts';
import { repairDocument } from '../../verify/repairDocument.ts';
import { readSkips, skippedIn, type Skips } from '../../events/bookkeeping/skips.ts';
import { SKIPS_STREAM } from '../../events/streams.ts';
import type { DocumentView, RowView } from '../views/view.ts';

/** How events get into one generation of a view, whatever kind of view it is. */
export interface Projection {
  /** The view's. */
  name: string;
  /** Streams whose events it takes: their names start with one of these. */
  prefixes: readonly string[];
  checkpoint(): Promise<Checkpoint | null>;
  /** Writes what the events make of the view, and moves its checkpoint; `refused` when that was not `from`. */
  apply(
    events: readonly RecordedEvent[],
    from: Checkpoint | null,
    to: Checkpoint,
  ): Promise<'written' | 'refused'>;
  /** The same in bulk, into a generation that nobody reads yet, and strict. */
  filling(limits: BulkFoldLimits): BulkFold;
  /**
   * Makes the generation fit to be shown instead of the live one, once it has reached its position: tries its parked
   * subjects again. Rejects with an Error when one of them would be shown at an older revision than now.
   */
  settle(isAnyShown: boolean): Promise<void>;
}

/** A view with the way its generations are made. */
export interface ProjectedView extends ViewDeclaration {
  /** Streams whose events it takes: their names start with one of these. */
  prefixes: readonly string[];
  /** The view as it is shown, whoever keeps it up to date. */
  shown(readModel: ReadModel): Pick<ViewReader, 'checkpoint'>;
  /** The projection into one generation. */
  open(generation: number, dependencies: ProjectionDependencies): Promise<Projection>;
}

export interface ProjectionDependencies {
  readModel: ReadModel;
  store: Pick<EventStore, 'readStream'>;
  clock: Pick<Clock, 'now'>;
}

/** A view with a document a subject. */
export const projectedDocuments = <Body extends object>(view: DocumentView<Body>): ProjectedView => ({
  name: view.name,
  version: view.version,
  prefixes: prefixesOf(view),
  shown: (readModel) => readModel.shown(view),
  async open(generation, { readModel, store, clock }) {
    const viewStore = await readModel.open(view, generation);
    const skips = await readSkips(store);
    return documentProjection(view, { viewStore, store, clock, skips, shown: readModel.shown(view) });
  },
});

/** A view with a row an event. */
export const projectedRows = (view: RowView): ProjectedView => ({
  name: view.name,
  version: view.version,
  prefixes: view.prefixes,
  shown: (readModel) => readModel.shownRows(view),
  open: async (generation, { readModel }) => rowProjection(view, await readModel.openRows(view, generation)),
});

/** With the skips: a generation honours those that are stored while it is filled or followed. */
const prefixesOf = ({ aggregate }: { aggregate: { kind: string } }): string[] => [
  `${aggregate.kind}-`,
  SKIPS_STREAM,
];

/** Rounds of marking subjects whose marks others keep removing, before the batch is tried again from the start. */
const MAX_ROUNDS = 10;

/** Folds events into the documents of their subjects. */
export const documentProjection = <Body extends object>(
  view: DocumentView<Body>,
  dependencies: {
    viewStore: ViewStore;
    store: Pick<EventStore, 'readStream'>;
    clock: Pick<Clock, 'now'>;
    skips: Skips;
    shown: ViewReader;
  },
): Projection => {
  const { viewStore, store, clock, shown } = dependencies;
  let { skips } = dependencies;

  async function honourSkips(events: readonly RecordedEvent[]): Promise<void> {
    const skipped = skippedIn(view, events);
    if (skipped.length > 0) skips = await readSkips(store);
    for (const id of skipped) await repairDocument(view, { viewStore, store, clock }, id);
  }

  /**
   * The documents that the events change. Before that the marks of parked subjects hold back their events: where a retry has
   * removed a mark meanwhile, the event goes into the document instead.
   */
  async function documentsFor(events: readonly RecordedEvent[]): Promise<ViewDocument[]> {
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const { documents, held } = await foldBatch(view, { store, clock, skips, stored: viewStore }, events);
      if (held.length === 0) return documents;
      await viewStore.put(held);
    }
    throw new ReadModelError(`others keep writing the parked subjects of ${view.name}`);
  }

  return {
    name: view.name,
    prefixes: prefixesOf(view),
    checkpoint: () => viewStore.checkpoint(),
    apply: async (events, from, to) => {
      await honourSkips(events);
      return viewStore.write({ documents: await documentsFor(events), from, to });
    },
    filling: (limits) => documentBulkFold(view, { viewStore, store, skips }, limits),
    settle: (isAnyShown) => settleParked(view, { viewStore, store, clock, shown: isAnyShown ? shown : null }),
  };
};

/** Inserts a row an event. */
export const rowProjection = (view: RowView, rowStore: RowStore): Projection => ({
  name: view.name,
  prefixes: view.prefixes,
  checkpoint: () => rowStore.checkpoint(),
  apply: async (events, from, to) => {
    const rows = events.flatMap((event) => view.rowOf(event) ?? []);
    return rowStore.write({ rows, from, to });
  },
  filling: (limits) => rowBulkFold(view, rowStore, limits),
  settle: async () => undefined,
});
