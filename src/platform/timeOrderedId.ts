import { randomUUID } from 'node:crypto';

/** The hexadecimal digits of 48 bits. */
const TIME_DIGITS = 12;

let lastMs = -1;
let lastTime = '';

/**
 * The first two groups of an id: milliseconds since 1970. Cached, because hundreds of ids share
 * one.
 */
function timeText(now: number): string {
  if (now !== lastMs) {
    const digits = now.toString(16).padStart(TIME_DIGITS, '0');
    lastMs = now;
    lastTime = `${digits.slice(0, 8)}-${digits.slice(8)}`;
  }
  return lastTime;
}

/** Index of the version digit in a UUID's text; the rest is random in versions 4 and 7 alike. */
const VERSION_AT = 14;

/**
 * A UUID of version 7 (RFC 9562, 5.7): ordered by creation to the millisecond, so that an index on
 * it grows at its end. `now`: in milliseconds since 1970.
 */
export const timeOrderedId = (now = Date.now()): string =>
  `${timeText(now)}-7${randomUUID().slice(VERSION_AT + 1)}`;
