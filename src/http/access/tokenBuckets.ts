import { LRUCache } from 'lru-cache';

const MINUTE_MS = 60_000;
/** Most callers remembered; the least recent one is forgotten first and then has a full bucket. */
const MAX_CALLERS = 20_000;

/** A token bucket per caller: it holds a minute's worth and refills evenly. */
export interface TokenBuckets {
  /** Takes one token: 0, or the milliseconds until there is one. */
  take(caller: string): number;
}

/**
 * Buckets of `perMinute` tokens. `now` is a monotonic clock in milliseconds. A bucket is one
 * number, the time at which it will be full (the generic cell rate algorithm), so memory is
 * bounded.
 */
export function createTokenBuckets(
  perMinute: number,
  now: () => number,
  maxCallers = MAX_CALLERS,
): TokenBuckets {
  const msPerToken = MINUTE_MS / perMinute;
  const fullAt = new LRUCache<string, number>({ max: maxCallers });
  return {
    take(caller) {
      const at = now();
      const full = Math.max(at, fullAt.get(caller) ?? at);
      const waitMs = full + msPerToken - at - MINUTE_MS;
      // Rounding errors add up to less than a microsecond.
      if (waitMs > 0.001) return waitMs;
      fullAt.set(caller, full + msPerToken);
      return 0;
    },
  };
}

/** A limited number of concurrent things per caller. */
export interface Slots {
  /** Takes a slot and returns its release function, or null if all are taken. */
  take(caller: string): (() => void) | null;
}

export function createSlots(perCaller: number): Slots {
  const taken = new Map<string, number>();
  return {
    take(caller) {
      const count = taken.get(caller) ?? 0;
      if (count >= perCaller) return null;
      taken.set(caller, count + 1);
      let isHeld = true;
      return () => {
        if (!isHeld) return;
        isHeld = false;
        const left = (taken.get(caller) ?? 1) - 1;
        if (left > 0) taken.set(caller, left);
        else taken.delete(caller);
      };
    },
  };
}
