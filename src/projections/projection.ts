import type { EventStore, RecordedEvent } from '../events/eventStore.ts';
import { project } from './project.ts';
import type { Checkpoint, RowStore, ViewStore } from './readModel.ts';
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
}

/** Folds events into the documents of their subjects. */
export const documentProjection = <Body extends object>(
  view: DocumentView<Body>,
  viewStore: ViewStore,
  store: Pick<EventStore, 'readStream'>,
): Projection => ({
  prefixes: [`${view.aggregate.kind}-`],
  checkpoint: () => viewStore.checkpoint(),
  apply: async (events, from, to) =>
    viewStore.write({ documents: await project(view, viewStore, store, events), from, to }),
});

/** Inserts a row an event. */
export const rowProjection = (view: RowView, rowStore: RowStore): Projection => ({
  prefixes: view.prefixes,
  checkpoint: () => rowStore.checkpoint(),
  apply: async (events, from, to) => {
    const rows = events.flatMap((event) => view.rowOf(event) ?? []);
    return rowStore.write({ rows, from, to });
  },
});
