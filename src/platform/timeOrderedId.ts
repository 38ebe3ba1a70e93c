import { randomUUID } from 'node:crypto';

/** The hexadecimal digits of 48 bits. */
const TIME_DIGITS = 12;

let lastMs = -1;
let lastTime = '';

/** The first two groups of an id: milliseconds since 1970. Hundreds of ids share a few of them. */
function timeText(): string {
  const now = Date.now();
  if (now !== lastMs) {
    const digits = now.toString(16).padStart(TIME_DIGITS, '0');
    lastMs = now;
    lastTime = `${digits.slice(0, 8)}-${digits.slice(8)}`;
  }
  return lastTime;
}

/** Where the version stands in a UUID's text; what comes behind it is random in versions 4 and 7 alike. */
const VERSION_AT = 14;

/** A UUID of version 7 (RFC 9562, 5.7): later ones are greater, to the millisecond, so that an index of them grows at its end. */
export const timeOrderedId = (): string => `${timeText()}-7${randomUUID().slice(VERSION_AT + 1)}`;
