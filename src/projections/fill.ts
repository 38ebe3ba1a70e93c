import type { EventStore, Position } from '../events/eventStore.ts';
import type { ProjectedView, Projection, ProjectionDependencies } from './projection.ts';
import { ReadModelError, type Checkpoint } from './readModel.ts';
import { expectSameLog, nextCheckpoint } from './sameLog.ts';

/** Events read at a time. */
const PAGE = 2_000;

/** How far a generation is filled. */
export interface FillProgress {
  /** Events read in this run. */
  events: number;
  position: Position;
}

/**
 * Fills a generation from its checkpoint to the end of the log, and seals it; settles early, without sealing, when the signal aborts. After a crash
 * it goes on from the checkpoint, which moves with the data. Rejects with ProjectionFault, UnknownEventError or ForeignLogError where
 * repeating is of no use, with EventStoreError or ReadModelError where it is.
 */
export async function fillGeneration({
  projection,
  store,
  signal,
  onProgress,
}: {
  projection: Projection;
  store: Pick<EventStore, 'subscribe' | 'holds'>;
  signal: AbortSignal;
  onProgress(progress: FillProgress): void;
}): Promise<void> {
  const filling = projection.filling();
  let written: Checkpoint | null = await projection.checkpoint();
  await expectSameLog(store, written);
  let read = written;
  let events = 0;

  async function flush(): Promise<void> {
    if (read === null || read === written) return;
    if ((await filling.flush(written, read)) === 'refused') {
      throw new ReadModelError('another process fills the same generation');
    }
    written = read;
  }

  const { prefixes } = projection;
  const after = written?.position ?? null;
  for await (const batch of store.subscribe({ after, prefixes, limit: PAGE, signal })) {
    await filling.add(batch.events);
    events += batch.events.length;
    read = nextCheckpoint(read, batch);
    if (filling.isFull() || batch.caughtUp) await flush();
    onProgress({ events, position: batch.position });
    if (batch.caughtUp) break;
  }
  if (!signal.aborted) await filling.seal();
}

/** Fills one generation of a view; see fillGeneration for what it promises. */
export type Fill = (task: {
  view: ProjectedView;
  generation: number;
  signal: AbortSignal;
  onProgress(progress: FillProgress): void;
}) => Promise<void>;

/** Fills in this thread: right where the stores answer over a network, and reading yields to everything else. */
export const fillHere =
  (dependencies: ProjectionDependencies & { store: EventStore }): Fill =>
  async ({ view, generation, signal, onProgress }) => {
    const projection = await view.open(generation, dependencies);
    await fillGeneration({ projection, store: dependencies.store, signal, onProgress });
  };
