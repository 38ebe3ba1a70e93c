import { createStore, useStore } from './store.ts';

/** The user of this tab. The token lives as long as the tab. */
export interface Session {
  token: string;
  account: string;
  /** As named by the token; null if it names none, so that the server looks the role up. */
  roles: readonly string[] | null;
  /** Milliseconds since the epoch. */
  expiresAt: number;
}

/** Why the sign-in screen is shown. */
export type SignedOut = 'not-yet' | 'expired' | 'left';

const KEY = 'padron.token';
/** A browser's timer runs no longer than this, some 24.8 days; with a greater delay it would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

const state = createStore<{ session: Session | null; why: SignedOut }>({ session: null, why: 'not-yet' });
let expiry = 0;

export const useSession = (): { session: Session | null; why: SignedOut } => useStore(state);
export const presentSession = (): Session | null => state.get().session;

/** Restores the session of this tab, if there is one. */
export function restoreSession(): void {
  if (presentSession()) return;
  const token = sessionStorage.getItem(KEY);
  if (token !== null && !signIn(token)) endSession('expired');
}

/** Starts a session. False if the text is not a token, or the token has expired. */
export function signIn(token: string): boolean {
  const session = sessionOf(token);
  if (!session || session.expiresAt <= Date.now()) return false;
  sessionStorage.setItem(KEY, token);
  endAt(session.expiresAt);
  state.set({ session, why: 'not-yet' });
  return true;
}

/** Ends the session at an instant, in milliseconds since the epoch. */
function endAt(instant: number): void {
  clearTimeout(expiry);
  const left = instant - Date.now();
  if (left <= 0) endSession();
  else
    expiry = setTimeout(
      () => {
        endAt(instant);
      },
      Math.min(left, MAX_TIMER_MS),
    );
}

/** Ends the session, whose token expired or was refused, or whose user left. Keeps the address. */
export function endSession(why: SignedOut = 'expired'): void {
  clearTimeout(expiry);
  sessionStorage.removeItem(KEY);
  state.set({ session: null, why });
}

/** When a token expires, in milliseconds since the epoch; null for a text that is not a token. */
export const expiryOf = (token: string): number | null => sessionOf(token)?.expiresAt ?? null;

function sessionOf(token: string): Session | null {
  try {
    const [, payload = ''] = token.split('.');
    const bytes = Uint8Array.from(atob(payload.replace(/-/g, '+').replace(/_/g, '/')), (one) =>
      one.charCodeAt(0),
    );
    const claims = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
    const { sub, exp } = claims;
    if ((typeof sub !== 'string' && typeof sub !== 'number') || typeof exp !== 'number') return null;
    return { token, account: String(sub), roles: rolesIn(claims), expiresAt: exp * 1_000 };
  } catch {
    return null;
  }
}

/** As the server reads them (docs/reference/tokens.md). */
function rolesIn(claims: Record<string, unknown>): string[] | null {
  const named = ['role', 'rol', 'categoria'].filter((claim) => claim in claims).map((claim) => claims[claim]);
  const { roles } = claims;
  if (named.length === 0 && !Array.isArray(roles)) return null;
  return [...named, ...(Array.isArray(roles) ? (roles as unknown[]) : [])]
    .filter((role) => typeof role === 'string')
    .map((role) => role.trim().toLowerCase())
    .map((role) => (role === 'administrador' ? 'admin' : role));
}
