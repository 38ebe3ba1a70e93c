/** A difference that the seconds of a Date header and the way of an answer explain, in milliseconds. */
const TOLERATED_MS = 5_000;

let behindMs = 0;

/** Compares this computer's clock with the server's: `date` is the Date header of an answer that has just arrived. */
export function compareClocks(date: string | null): void {
  const difference = date === null ? Number.NaN : Date.parse(date) - Date.now();
  behindMs = Math.abs(difference) > TOLERATED_MS ? difference : 0;
}

/** The present by the server's clock: the server refuses moments that it takes for the future. */
export const serverNow = (): Date => new Date(Date.now() + behindMs);
