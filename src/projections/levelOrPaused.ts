import { waitUnlessAborted } from '../aborted.ts';
import type { Clock } from '../events/clock.ts';
import { UnknownEventError } from '../events/domainEvent.ts';
import type { EventStore, Position } from '../events/eventStore.ts';
import { startsWithOneOf } from '../events/streams.ts';
import { expectReadable } from './expectReadable.ts';
import type { LiveView } from './lag.ts';
import { levelWith } from './levelWith.ts';

/** How long a checkpoint stands still before it is looked why, in milliseconds. */
const STANDS_STILL_MS = 1_000;
/** Events of the log that are looked through behind it: more than a runner applies at once, or not at all. */
const LOOKED_THROUGH = 2_000;

export interface LevelOrPausedOptions {
  view: Pick<LiveView, 'projection' | 'prefixes'>;
  store: Pick<EventStore, 'readAll'>;
  /** Null: an empty log. */
  head: Position | null;
  clock: Clock;
  signal: AbortSignal;
}

/**
 * Settles once the view has reached `head`, or stands before an event that only a newer padron knows, whoever runs its projection: there it stays until
 * an upgrade, and nothing else is to wait for it (contract, section 3). Settles when the signal aborts, too.
 */
export async function levelOrPaused(options: LevelOrPausedOptions): Promise<void> {
  const { view, head, clock, signal } = options;
  const ended = new AbortController();
  const waiting = AbortSignal.any([signal, ended.signal]);
  await Promise.race([
    levelWith(view.projection, head, clock, waiting),
    standsBeforeUnknown({ ...options, signal: waiting }),
  ]);
  ended.abort();
}

async function standsBeforeUnknown({ view, store, clock, signal }: LevelOrPausedOptions): Promise<void> {
  const isTaken = (stream: string): boolean => startsWithOneOf(stream, view.prefixes);
  let seen: Position | null = null;
  while (!signal.aborted) {
    await waitUnlessAborted(clock, STANDS_STILL_MS, signal);
    try {
      const position = (await view.projection.checkpoint())?.position ?? null;
      if (position !== null && position === seen) {
        await expectReadable(store, position, { limit: LOOKED_THROUGH, isTaken });
      }
      seen = position;
    } catch (error) {
      if (error instanceof UnknownEventError) return;
      // A store that does not answer just now tells nothing.
    }
  }
}
