import { randomBytes } from 'node:crypto';

/** How long an unused link is valid, in milliseconds. */
const MAX_AGE_MS = 60 * 60 * 1_000;

/** A code that signs one browser in, once. */
export interface SignInCode {
  /** A token for the code; null if the code is wrong, used or older than an hour. */
  exchange(code: string): string | null;
}

/** For servers without sign-in links, outside development mode. */
export const NO_SIGN_IN: SignInCode = { exchange: () => null };

/**
 * Makes the code of a sign-in link (192 random bits). `newToken` is called when the code is
 * exchanged. `now` is a monotonic clock in milliseconds.
 */
export function createSignInCode(newToken: () => string, now: () => number): SignInCode & { code: string } {
  const code = randomBytes(24).toString('base64url');
  const endsAt = now() + MAX_AGE_MS;
  let isUsed = false;
  return {
    code,
    exchange(sent) {
      if (isUsed || sent !== code || now() > endsAt) return null;
      isUsed = true;
      return newToken();
    },
  };
}
