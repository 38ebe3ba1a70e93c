import { START, streamNameFilter } from '@eventstore/db-client';
import type { AllStreamResolvedEvent, EventStoreDBClient } from '@eventstore/db-client';
import type { Position } from '../../../eventStore.ts';
import { OWN_STREAM_PATTERN } from '../../../streams.ts';
import { atPosition } from '../events.ts';
import type { ClientStream } from '../reading/items.ts';

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
 * One subscription to padron's own streams in $all, exclusive of `after`. The client tells "caught up" and checkpoints apart
 * from the events, possibly long before those are drained; put into the same queue they keep their place. A checkpoint is
 * what the server says: it may lie beyond the end of the log.
 */
export function follow(
  client: EventStoreDBClient,
  after: Position | null,
  { buffered, requiresLeader }: { buffered: number; requiresLeader: boolean },
): ClientStream {
  const subscription = client.subscribeToAll(
    {
      // 0 is where a log begins, and never the place of an event of ours.
      fromPosition: after === null || after === 0n ? START : atPosition(after),
      requiresLeader,
      filter: streamNameFilter({
        regex: OWN_STREAM_PATTERN,
        checkpointInterval: CHECKPOINT_INTERVAL,
        checkpointReached: (_subscription, { commit, prepare }) => {
          // 24.10.4 and 25.0.0 may send the commit position of an event that they have not delivered, with another prepare.
          if (commit === prepare) subscription.push({ checkpoint: commit } satisfies Checkpoint);
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
