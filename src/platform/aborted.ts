/** Resolves when the signal aborts, or at once if it already has. */
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

/**
 * Waits for `ms` or until the signal aborts, and leaks no listener on a long-lived signal.
 * (AbortSignal.any does on Node 20: about 70 bytes per wait, 80 MB a day for a few idle projections
 * that wait four times a second.)
 */
export async function waitUnlessAborted(
  clock: { wait(ms: number): Promise<void> },
  ms: number,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) return;
  let onAbort: () => void = () => undefined;
  const abort = new Promise<void>((resolve) => {
    onAbort = resolve;
    signal.addEventListener('abort', onAbort);
  });
  try {
    await Promise.race([clock.wait(ms), abort]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
