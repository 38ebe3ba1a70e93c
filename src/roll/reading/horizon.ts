import type { Position, RecordedEvent } from '../../events/eventStore.ts';

/**
 * Which events make a roll: those that occurred by an instant and are in the log up to a position. The position keeps the roll the same when
 * an event is appended later with an earlier instant, as from an instance whose clock is slow.
 */
export interface Horizon {
  /** Milliseconds since 1970, inclusive. */
  at: number;
  /** The last position of the log that counts. */
  upTo: Position;
}

/** Whether an event is beyond a horizon. So are then all later events of its stream: neither instants nor positions fall within one. */
export const isBeyond = ({ position, metadata }: RecordedEvent, { at, upTo }: Horizon): boolean =>
  position > upTo || Date.parse(metadata.occurredAt) > at;
