import type { Horizon } from '../../events/eventStore.ts';

/*
 * A roll is of one horizon. Its position keeps the roll the same when an event is appended later with an earlier instant, as from an
 * instance whose clock is slow.
 */

/** The smallest horizon that holds all of these, of which there is at least one. */
export const latestOf = (horizons: readonly Horizon[]): Horizon => ({
  at: Math.max(...horizons.map(({ at }) => at)),
  upTo: horizons.map(({ upTo }) => upTo).reduce((one, other) => (one > other ? one : other)),
});

/** The largest horizon that all of these hold, of which there is at least one. */
export const earliestOf = (horizons: readonly Horizon[]): Horizon => ({
  at: Math.min(...horizons.map(({ at }) => at)),
  upTo: horizons.map(({ upTo }) => upTo).reduce((one, other) => (one < other ? one : other)),
});
