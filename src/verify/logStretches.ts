import type { EventStore, Position, RecordedEvent } from '../events/eventStore.ts';

/** Events per read. */
const PAGE = 500;

/** All events after `from`, up to and including `to`. */
export interface LogStretch {
  events: readonly RecordedEvent[];
  from: Position | null;
  to: Position;
}

/**
 * The events of these streams after `from` up to `upTo`, which the log must have reached, in
 * contiguous stretches. Waits for them on a server that lags behind the log. Ends early, without an
 * error, when the signal aborts. Rejects with EventStoreError.
 */
export async function* logStretches(
  store: Pick<EventStore, 'subscribe'>,
  {
    prefixes,
    from,
    upTo,
    signal,
  }: { prefixes: readonly string[]; from: Position | null; upTo: Position; signal: AbortSignal },
): AsyncGenerator<LogStretch> {
  const stop = new AbortController();
  const subscription = store.subscribe({
    after: from,
    prefixes,
    limit: PAGE,
    signal: AbortSignal.any([signal, stop.signal]),
  });
  let reached = from;
  try {
    for await (const batch of subscription) {
      // Not at `caughtUp`: a node that lags reports it at its own end of the log.
      const isLast = batch.position >= upTo;
      const events = isLast ? batch.events.filter(({ position }) => position <= upTo) : batch.events;
      const to = isLast ? upTo : batch.position;
      yield { events, from: reached, to };
      reached = to;
      if (isLast) return;
    }
  } finally {
    stop.abort();
  }
}
