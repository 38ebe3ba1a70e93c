/** How long the first screen has the connections to itself, in milliseconds. */
const PAUSE_MS = 1_000;

/**
 * Fetches the files that the first screen does not need a moment later, so that the next screen opens at once, even while the server
 * restarts. The page names them in links with `rel="later"`.
 */
export function fetchModulesLater(): void {
  addEventListener('load', () => {
    setTimeout(() => {
      for (const link of document.querySelectorAll<HTMLLinkElement>('link[rel=later]'))
        link.rel = 'modulepreload';
    }, PAUSE_MS);
  });
}
