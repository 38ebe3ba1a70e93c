import { PadronError } from '../../platform/padronError.ts';
import type { EventBatch, EventStore } from '../../events/eventStore.ts';
import type { Checkpoint } from '../record/viewDeclaration.ts';

/** A checkpoint names an event that the log lacks: a different log, or one restored from a backup. */
export class ForeignLogError extends PadronError {
  constructor() {
    super('the view was built from another event log, or from a newer state of it: rebuild the view');
  }
}

type Marked = Pick<EventStore, 'holds' | 'reaches'>;

/** Whether the log has the checkpoint's event and reaches its position, as far as can be checked. */
export async function belongsToLog(store: Marked, checkpoint: Checkpoint | null): Promise<boolean> {
  if (checkpoint === null) return true;
  const { position, event } = checkpoint;
  if (event && !(await store.holds(event))) return false;
  return event?.position === position || store.reaches(position);
}

/**
 * Rejects with ForeignLogError if the checkpoint is from a different log. Otherwise, after a
 * restore or with another URL, a view would wait forever or mix two logs.
 */
export async function assertSameLog(store: Marked, checkpoint: Checkpoint | null): Promise<void> {
  if (!(await belongsToLog(store, checkpoint))) throw new ForeignLogError();
}

/**
 * The checkpoint after a batch of the log. Its event may belong to another view: with only its own
 * events, a view would not notice a restore to a state between its last event and its position.
 */
export const nextCheckpoint = (from: Checkpoint | null, { position, mark }: EventBatch): Checkpoint => ({
  position,
  event: mark ?? from?.event ?? null,
});
