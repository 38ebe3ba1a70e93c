import { toDomainEvent, UnknownEventError } from '../events/domainEvent.ts';
import type { Clock } from '../events/clock.ts';
import type { EventStore, Position } from '../events/eventStore.ts';
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
  let seen: Position | null = null;
  while (!signal.aborted) {
    await clock.wait(STANDS_STILL_MS);
    const checkpoint = await view.projection.checkpoint().catch(() => null);
    const position = checkpoint?.position ?? null;
    const standsStill = position !== null && position === seen;
    if (standsStill && (await isUnknownBehind(position, view.prefixes, store))) return;
    seen = position;
  }
}

/** False where the log cannot be read just now. */
async function isUnknownBehind(
  position: Position,
  prefixes: readonly string[],
  store: Pick<EventStore, 'readAll'>,
): Promise<boolean> {
  const events = await store.readAll(position, LOOKED_THROUGH).catch(() => []);
  return events.some((event) => {
    if (!prefixes.some((prefix) => event.stream.startsWith(prefix))) return false;
    try {
      toDomainEvent(event);
      return false;
    } catch (error) {
      return error instanceof UnknownEventError;
    }
  });
}
