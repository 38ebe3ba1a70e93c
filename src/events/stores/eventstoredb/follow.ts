import { START, streamNameFilter } from '@eventstore/db-client';
import type { AllStreamResolvedEvent, EventStoreDBClient } from '@eventstore/db-client';
import type { Position } from '../../eventStore.ts';
import { atPosition } from './events.ts';
import type { ClientStream } from './items.ts';

/** Stands in the iteration where the server said that the subscription has gone live. */
export const CAUGHT_UP = Symbol('caught up');

/** Everything up to here was looked at, and left out by the filter. */
export interface Checkpoint {
  checkpoint: Position;
}

export type FollowedItem = AllStreamResolvedEvent | Checkpoint | typeof CAUGHT_UP;

/** In windows of 32 considered events: a checkpoint for each 1,024 that a filter leaves out. */
const CHECKPOINT_INTERVAL = 32;

/**
 * One filtered subscription to $all, exclusive of `after`. The client tells "caught up" and checkpoints apart from the
 * events, possibly long before those are drained; put into the same queue they keep their place.
 */
export function follow(
  client: EventStoreDBClient,
  after: Position | null,
  prefixes: readonly string[],
  buffered: number,
): ClientStream {
  const subscription = client.subscribeToAll(
    {
      // 0 is where a log begins, and never the place of an event of ours.
      fromPosition: after === null || after === 0n ? START : atPosition(after),
      filter: streamNameFilter({
        prefixes: [...prefixes],
        checkpointInterval: CHECKPOINT_INTERVAL,
        checkpointReached: (_subscription, { commit }) => {
          subscription.push({ checkpoint: commit } satisfies Checkpoint);
        },
      }),
    },
    { highWaterMark: Math.max(16, buffered) },
  );
  subscription.on('caughtUp', () => {
    subscription.push(CAUGHT_UP);
  });
  return subscription;
}
