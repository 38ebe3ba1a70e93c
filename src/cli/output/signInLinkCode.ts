import type { Config } from '../../config/config.ts';
import { createSignInCode } from '../../http/pages/signInCode.ts';
import { monotonicClock } from '../../platform/clock.ts';
import { claimsOf, signToken } from './signedTokens.ts';

/** The code of development mode's link to the console: it makes a browser an administrator for a working day. */
export const signInLinkCode = (config: Config, secret: string): ReturnType<typeof createSignInCode> =>
  createSignInCode(
    () => signToken({ sub: 'admin', role: 'admin', secret, ttl: '12h', ...claimsOf(config) }),
    monotonicClock.now,
  );
