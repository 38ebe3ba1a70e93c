import type { Clock } from '../events/clock.ts';
import type { EventStore, RecordedEvent } from '../events/eventStore.ts';
import { documentFilling, rowFilling, type FillLimits, type Filling } from './filling.ts';
import { project } from './project.ts';
import type { Checkpoint, ReadModel, RowStore, ViewDeclaration, ViewReader, ViewStore } from './readModel.ts';
import { readSkips, type Skips } from './skips.ts';
import type { DocumentView, RowView } from './view.ts';

/** How events get into one generation of a view, whatever kind of view it is. */
export interface Projection {
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
  filling(limits: FillLimits): Filling;
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
    return documentProjection(view, { viewStore, store, clock, skips: await readSkips(store) });
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

const prefixesOf = ({ aggregate }: { aggregate: { kind: string } }): string[] => [`${aggregate.kind}-`];

/** Folds events into the documents of their subjects. */
export const documentProjection = <Body extends object>(
  view: DocumentView<Body>,
  dependencies: {
    viewStore: ViewStore;
    store: Pick<EventStore, 'readStream'>;
    clock: Pick<Clock, 'now'>;
    skips: Skips;
  },
): Projection => {
  const { viewStore } = dependencies;
  return {
    prefixes: prefixesOf(view),
    checkpoint: () => viewStore.checkpoint(),
    apply: async (events, from, to) => {
      const documents = await project(view, { ...dependencies, stored: viewStore }, events);
      return viewStore.write({ documents, from, to });
    },
    filling: (limits) => documentFilling(view, dependencies, limits),
  };
};

/** Inserts a row an event. */
export const rowProjection = (view: RowView, rowStore: RowStore): Projection => ({
  prefixes: view.prefixes,
  checkpoint: () => rowStore.checkpoint(),
  apply: async (events, from, to) => {
    const rows = events.flatMap((event) => view.rowOf(event) ?? []);
    return rowStore.write({ rows, from, to });
  },
  filling: (limits) => rowFilling(view, rowStore, limits),
});
