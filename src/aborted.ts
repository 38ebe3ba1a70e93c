/** Settles when the signal aborts, at once when it has. */
export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else
      signal.addEventListener(
        'abort',
        () => {
          resolve();
        },
        { once: true },
      );
  });

/** Waits, but not beyond the moment in which the signal aborts; never rejects, and leaves no listener on a signal that lives long. */
export async function waitUnlessAborted(
  clock: { wait(ms: number): Promise<void> },
  ms: number,
  signal: AbortSignal,
): Promise<void> {
  const over = new AbortController();
  const onAbort = aborted(AbortSignal.any([signal, over.signal]));
  await Promise.race([clock.wait(ms), onAbort]);
  over.abort();
}
