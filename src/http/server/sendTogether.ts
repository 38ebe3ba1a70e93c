/**
 * A tick of the event loop first reads the requests that have arrived and then sends the answers
 * that are ready. Each send wakes the process at the other end; when sends were interleaved with
 * reads, these wake-ups took a third of a read's time (docs/adr/0016).
 */
let putOff: (() => void)[] | null = null;

/** Called when a request is read: deferred work runs once this tick's requests have been read. */
export function beginTick(): void {
  if (putOff) return;
  putOff = [];
  setImmediate(closeTurn);
}

/**
 * Runs `work` when this tick's requests have been read, after earlier deferred work; at once if
 * none are being read.
 */
export function atEndOfTick(work: () => void): void {
  if (putOff) putOff.push(work);
  else work();
}

function closeTurn(): void {
  const all = putOff ?? [];
  putOff = null;
  for (const work of all) work();
}
