import { ask } from '../../app/api.ts';
import { signIn } from '../../app/session.ts';
import { createStore } from '../../app/store.ts';

/** Whether the page was opened with a sign-in link that no longer works. */
export const usedLink = createStore(false);

/**
 * Exchanges the code of a sign-in link, which development mode prints, for a token. Removes the code
 * from the address at once.
 */
export async function signInByLink(): Promise<void> {
  const code = new URLSearchParams(location.hash.slice(1)).get('code');
  if (code === null) return;
  history.replaceState(null, '', location.pathname + location.search);
  try {
    const { body } = await ask<{ token: string }>('/console/sign-in', { method: 'POST', body: { code } });
    signIn(body.token);
  } catch {
    usedLink.set(true);
  }
}
