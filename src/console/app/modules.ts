/**
 * Fetches the modules in these folders at once: imports alone would discover them one after the other. The page names them in links with
 * `rel="later"`.
 */
export function fetchModules(folders: readonly string[]): void {
  for (const folder of folders) {
    for (const link of document.querySelectorAll<HTMLLinkElement>(`link[rel=later][href*="/${folder}/"]`))
      link.rel = 'modulepreload';
  }
}

/** How long the first screen has the connections to itself, in milliseconds. */
const PAUSE_MS = 1_000;

/** Fetches all that is left a moment later, so that the next screen opens at once, even while the server restarts. */
export function fetchModulesLater(): void {
  addEventListener('load', () => {
    setTimeout(() => {
      fetchModules(['screens', 'texts']);
    }, PAUSE_MS);
  });
}
