import { PadronError } from '../../platform/padronError.ts';
import type { EventBatch, EventStore } from '../../events/eventStore.ts';
import type { Checkpoint } from '../ports/readModel.ts';

/** A checkpoint names an event that is not there: another log, or one restored from an older backup. */
export class ForeignLogError extends PadronError {
  constructor() {
    super('the view was built from another event log, or from a newer state of it: rebuild the view');
    this.name = 'ForeignLogError';
  }
}

type Marked = Pick<EventStore, 'holds' | 'reaches'>;

/** Whether the checkpoint was reached in this log, as far as it can be told: its event stands there, and the log does not end before it. */
export async function belongsToLog(store: Marked, checkpoint: Checkpoint | null): Promise<boolean> {
  if (checkpoint === null) return true;
  const { position, event } = checkpoint;
  if (event && !(await store.holds(event))) return false;
  return event?.position === position || store.reaches(position);
}

/** After a restore, or with another URL, a view would wait silently for ever, or mix two logs: rejects with ForeignLogError. */
export async function assertSameLog(store: Marked, checkpoint: Checkpoint | null): Promise<void> {
  if (!(await belongsToLog(store, checkpoint))) throw new ForeignLogError();
}

/**
 * The checkpoint after a batch of the log. Its event may be another view's: with the last of its own, a view would not notice that the
 * log was restored to a state between that one and its position.
 */
export const nextCheckpoint = (from: Checkpoint | null, { position, mark }: EventBatch): Checkpoint => ({
  position,
  event: mark ?? from?.event ?? null,
});
