import { createStore, useStore } from './store.ts';

/** The address of the page. It decides everything that a screen shows. */
export interface Address {
  /** As the browser has it, still percent-encoded: a DNI may contain a slash. */
  path: string;
  query: URLSearchParams;
}

const present = (): Address => ({
  path: location.pathname,
  query: new URLSearchParams(location.search),
});

const address = createStore<Address>(present());

export const useAddress = (): Address => useStore(address);
export const presentAddress = (): Address => address.get();

/** Goes to an address of the console. `replace` leaves no entry for the Back button. */
export function go(url: string, { replace = false }: { replace?: boolean } = {}): void {
  if (url === location.pathname + location.search) return;
  if (replace) history.replaceState(history.state, '', url);
  else history.pushState({ hasBack: true }, '', url);
  address.set(present());
}

/** Whether the Back button leads to an address of the console. */
export const hasBack = (): boolean => (history.state as { hasBack?: boolean } | null)?.hasBack === true;

export type QueryChanges = Record<string, string | null | undefined>;

/**
 * The present address with some query members changed; null and '' remove one. A change of anything
 * but the page starts again from the first page.
 */
export function urlWith(changes: QueryChanges, { path, query }: Address = address.get()): string {
  const next = new URLSearchParams(query);
  if (!('cursor' in changes)) next.delete('cursor');
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === undefined || value === '') next.delete(name);
    else next.set(name, value);
  }
  const text = next.toString();
  return path + (text === '' ? '' : `?${text}`);
}

/** Makes links within the console and the Back button change the screen without reloading the page. */
export function followLinks(): void {
  addEventListener('popstate', () => {
    address.set(present());
  });
  document.addEventListener('click', (event) => {
    const isPlain =
      event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (!isPlain || event.defaultPrevented || !link || link.target !== '' || link.hasAttribute('download'))
      return;
    const isOwn = link.origin === location.origin && /^\/(console|docs)($|\/)/.test(link.pathname);
    if (!isOwn || link.hash !== '') return;
    event.preventDefault();
    go(link.pathname + link.search);
    if (!link.hasAttribute('data-keep-scroll')) scrollTo(0, 0);
  });
}
