/** Numbers from 0 up to, not including, 1, which follow from a seed. */
export type Random = () => number;

/** A generator that depends on the seed and its name only: what one process draws does not disturb the others. */
export function randomFor(seed: number, name: string): Random {
  let state = seed >>> 0;
  for (const character of name) state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  // mulberry32
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Milliseconds up to `max`, as many between 1 and 10 as between 100 and 1000: both short and long races happen. */
export const anyDelay = (random: Random, max: number): number => Math.exp(random() * Math.log(max));
