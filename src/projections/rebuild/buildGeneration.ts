import type { EventStore, Position } from '../../events/eventStore.ts';
import { BULK_FOLD_LIMITS, type BulkFoldLimits } from '../folding/bulkFold.ts';
import type { ProjectedView, Projection, ViewStores } from '../folding/projection.ts';
import { ReadModelError } from '../record/readModelError.ts';
import type { Checkpoint } from '../record/viewDeclaration.ts';
import { assertSameLog, nextCheckpoint } from '../following/logIdentity.ts';

/** The progress of a build. */
export interface BuildProgress {
  /** Events read in this run. */
  events: number;
  position: Position;
  /** The completed share of the seal, 0 to 1; absent before the seal. */
  sealed?: number;
}

interface Build {
  projection: Projection;
  limits: BulkFoldLimits;
  store: Pick<EventStore, 'subscribe' | 'holds' | 'reaches'>;
  signal: AbortSignal;
  onProgress(progress: BuildProgress): void;
}

/**
 * Builds a generation from its checkpoint to the end of the log and seals it. Resolves early,
 * without sealing, when the signal aborts. After a crash it continues from the checkpoint, which
 * moves with the data. Rejects with ProjectionError, UnknownEventError or ForeignLogError if a
 * retry would not help, with EventStoreError or ReadModelError if it may.
 */
export async function buildGeneration(build: Build): Promise<void> {
  const { projection, limits, store, signal, onProgress } = build;
  const filling = projection.filling(limits);
  let written: Checkpoint | null = await projection.checkpoint();
  await assertSameLog(store, written);
  let read = written;
  let events = 0;
  let flushedAt = performance.now();

  async function flush(): Promise<void> {
    flushedAt = performance.now();
    if (read === null || read === written) return;
    if ((await filling.flush(written, read)) === 'refused') {
      throw new ReadModelError('another process is building the same generation');
    }
    written = read;
  }

  const { prefixes } = projection;
  const after = written?.position ?? null;
  for await (const batch of store.subscribe({ after, prefixes, limit: limits.page, signal })) {
    await filling.add(batch.events);
    events += batch.events.length;
    read = nextCheckpoint(read, batch);
    const isDue = performance.now() - flushedAt > limits.unwrittenMs;
    if (filling.isFull() || isDue || batch.caughtUp) await flush();
    onProgress({ events, position: batch.position });
    if (batch.caughtUp) break;
  }
  if (signal.aborted) return;
  const position = read?.position ?? 0n;
  await filling.seal({
    signal,
    onProgress: (sealed) => {
      onProgress({ events, position, sealed });
    },
  });
}

/** Builds one generation of a view; same promises as buildGeneration. */
export type BuildGeneration = (
  task: Pick<Build, 'signal' | 'onProgress'> & { view: ProjectedView; generation: number },
) => Promise<void>;

/** Makes a BuildGeneration over stores. */
export type BuilderOver = (stores: ViewStores) => BuildGeneration;

/** Builds in this thread, which is right for servers: other work runs during their answers. */
export const buildInThisThread =
  (stores: ViewStores, limits = BULK_FOLD_LIMITS): BuildGeneration =>
  async ({ view, generation, signal, onProgress }) => {
    const projection = await view.open(generation, stores, { mustExist: true });
    await buildGeneration({ projection, limits, store: stores.store, signal, onProgress });
  };
