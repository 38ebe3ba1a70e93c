/** Milliseconds for which the first screen has the connections to itself. */
const PAUSE_MS = 1_000;

/**
 * A moment later, fetches the files that the first screen does not need, so that the next screen
 * opens at once, even while the server restarts. The page lists them in links with `rel="later"`.
 */
export function fetchModulesLater(): void {
  addEventListener('load', () => {
    setTimeout(() => {
      for (const link of document.querySelectorAll<HTMLLinkElement>('link[rel=later]'))
        link.rel = 'modulepreload';
    }, PAUSE_MS);
  });
}
