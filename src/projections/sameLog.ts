import type { EventBatch, EventStore } from '../events/eventStore.ts';
import type { Checkpoint } from './readModel.ts';

/** A checkpoint names an event that is not there: another log, or one restored from an older backup. */
export class ForeignLogError extends Error {
  constructor() {
    super('the view was built from another event log, or from a newer state of it: rebuild the view');
    this.name = 'ForeignLogError';
  }
}

/** Whether the checkpoint was reached in this log, as far as it can be told. */
export const isOfLog = async (
  store: Pick<EventStore, 'holds'>,
  checkpoint: Checkpoint | null,
): Promise<boolean> =>
  !checkpoint?.event || (await store.holds(checkpoint.event.position, checkpoint.event.id));

/** After a restore, or with another URL, a view would wait silently for ever, or mix two logs: rejects with ForeignLogError. */
export async function expectSameLog(
  store: Pick<EventStore, 'holds'>,
  checkpoint: Checkpoint | null,
): Promise<void> {
  if (!(await isOfLog(store, checkpoint))) throw new ForeignLogError();
}

/** The checkpoint after a batch of the log. */
export function nextCheckpoint(from: Checkpoint | null, { events, position }: EventBatch): Checkpoint {
  const last = events.at(-1);
  return { position, event: last ? { position: last.position, id: last.id } : (from?.event ?? null) };
}
