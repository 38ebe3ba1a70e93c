import type { Horizon } from '../../events/eventStore.ts';

/*
 * A roll has one horizon. Its position keeps the roll the same when an event with an earlier instant is
 * appended later, as by an instance whose clock is slow.
 */

/** The smallest horizon that includes all of these, at least one. */
export const latestOf = (horizons: readonly Horizon[]): Horizon => ({
  at: Math.max(...horizons.map(({ at }) => at)),
  upTo: horizons.map(({ upTo }) => upTo).reduce((one, other) => (one > other ? one : other)),
});

/** The largest horizon within all of these, at least one. */
export const earliestOf = (horizons: readonly Horizon[]): Horizon => ({
  at: Math.min(...horizons.map(({ at }) => at)),
  upTo: horizons.map(({ upTo }) => upTo).reduce((one, other) => (one < other ? one : other)),
});
