import { START, streamNameFilter } from '@eventstore/db-client';
import type { AllStreamResolvedEvent, EventStoreDBClient } from '@eventstore/db-client';
import type { Position } from '../../../eventStore.ts';
import { OWN_STREAM_PATTERN } from '../../../streams.ts';
import { atPosition } from './events.ts';
import type { ClientStream } from './items.ts';

/** Takes the place in the sequence where the server reported the subscription live. */
export const CAUGHT_UP = Symbol('caught up');

/** The server has examined everything up to here; what it did not send, the filter excluded. */
export interface Checkpoint {
  checkpoint: Position;
}

export type FollowedItem = AllStreamResolvedEvent | Checkpoint | typeof CAUGHT_UP;

/** In windows of 32 examined events: one checkpoint per 1,024 events that the filter excludes. */
const CHECKPOINT_INTERVAL = 32;

/**
 * One subscription to padron's own streams in $all, after `after`. The client reports "caught up"
 * and checkpoints through separate callbacks, possibly long before the events are drained; pushing
 * them into the same queue keeps the order. A checkpoint is unverified: it may lie beyond the end
 * of the log.
 */
export function follow(
  client: EventStoreDBClient,
  after: Position | null,
  { buffered, requiresLeader }: { buffered: number; requiresLeader: boolean },
): ClientStream {
  const subscription = client.subscribeToAll(
    {
      // Position 0 is the start of the log; none of our events can be there.
      fromPosition: after === null || after === 0n ? START : atPosition(after),
      requiresLeader,
      filter: streamNameFilter({
        regex: OWN_STREAM_PATTERN,
        checkpointInterval: CHECKPOINT_INTERVAL,
        checkpointReached: (_subscription, { commit, prepare }) => {
          // 24.10.4 and 25.0.0 may send the commit position of an undelivered event, with another
          // prepare.
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
