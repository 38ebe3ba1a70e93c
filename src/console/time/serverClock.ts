/** Ignored differences, in milliseconds: a Date header has whole seconds, and an answer takes time to arrive. */
const TOLERATED_MS = 5_000;

let behindMs = 0;

/** Compares this computer's clock with the server's: `date` is the Date header of an answer that has just arrived. */
export function compareClocks(date: string | null): void {
  const difference = date === null ? Number.NaN : Date.parse(date) - Date.now();
  behindMs = Math.abs(difference) > TOLERATED_MS ? difference : 0;
}

/** Now by the server's clock: the server refuses moments that it considers to be in the future. */
export const serverNow = (): Date => new Date(Date.now() + behindMs);
