import type { Config } from '../../config/config.ts';
import { createSignInCode } from '../../http/pages/signInCode.ts';
import { monotonicClock } from '../../platform/clock.ts';
import { claimsOf, signToken } from './signedTokens.ts';

/** The sign-in code of development mode's console link: an administrator's token for a working day. */
export const signInLinkCode = (config: Config, secret: string): ReturnType<typeof createSignInCode> =>
  createSignInCode(
    () => signToken({ sub: 'admin', role: 'admin', secret, ttl: '12h', ...claimsOf(config) }),
    monotonicClock.now,
  );
