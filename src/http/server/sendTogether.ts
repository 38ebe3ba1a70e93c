/**
 * A turn of the event loop as a server sees it: it reads the requests that have come, and then sends the answers that are ready. Each send
 * wakes the process at the other end; spread among the reading of other requests, a wake-up a request was a third of the time of a
 * read (docs/adr/0016).
 */
let putOff: (() => void)[] | null = null;

/** Says that a request is being read: what is put off from now on is done when this turn's requests have been read. */
export function beginTick(): void {
  if (putOff) return;
  putOff = [];
  setImmediate(closeTurn);
}

/** Runs `work` when the requests of this turn have been read, after what was put off before; at once where none are being read. */
export function atEndOfTick(work: () => void): void {
  if (putOff) putOff.push(work);
  else work();
}

function closeTurn(): void {
  const all = putOff ?? [];
  putOff = null;
  for (const work of all) work();
}
