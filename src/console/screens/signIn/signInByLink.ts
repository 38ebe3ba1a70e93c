import { ask } from '../../app/api.ts';
import { ApiError } from '../../app/requests/apiError.ts';
import { signIn } from '../../app/session.ts';
import { createStore } from '../../app/store.ts';

/** Why the sign-in link with which the page was opened did not work; null without one, and after a sign-in. */
export const linkFailure = createStore<ApiError | null>(null);

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
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    linkFailure.set(error);
  }
}
