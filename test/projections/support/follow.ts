import type { EventStore } from '../../../src/events/eventStore.ts';
import { monotonicClock, systemClock } from '../../../src/platform/clock.ts';
import { followLog, type LogFollower } from '../../../src/projections/following/followLog.ts';
import type { Consumer } from '../../../src/projections/ports/consumer.ts';

/** Follows the log with a consumer at the speed of the real clock, until it is stopped. */
export const follow = (consumer: Consumer, store: EventStore): LogFollower =>
  followLog({ consumer, store, clock: systemClock, timer: monotonicClock, onChange: () => undefined });
