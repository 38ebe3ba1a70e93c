import type { Context } from 'koa';
import { RequestError } from '../errors/errors.ts';
import { answerRevalidated, answerStaticText } from '../answers/staticText.ts';
import type { ConsoleFiles, PageLanguage } from './consoleFiles.ts';

/** Only scripts, styles, images and requests of this origin; nothing inline; no framing by other pages. */
const PAGE_POLICY = [
  "default-src 'self'",
  "base-uri 'none'",
  "object-src 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** Answers the console's page, the same for all its addresses; browsers revalidate it each time. */
export async function answerPage(ctx: Context, { pages }: ConsoleFiles): Promise<void> {
  ctx.set('content-security-policy', PAGE_POLICY);
  ctx.vary('accept-language');
  await answerRevalidated(ctx, pages[languageOf(ctx.get('accept-language'))]);
}

/** The page's language until the user chooses one. Must agree with src/console/app/preferences.ts. */
const languageOf = (accepted: string): PageLanguage => (/(?:^|[,\s])es\b/i.test(accepted) ? 'es' : 'en');

/**
 * Answers a file by its path. Its address has the digest of all files, so it may be cached for a
 * year. With another digest, as from a page loaded before an upgrade, the answer is the present file,
 * not to be cached.
 */
export async function answerFile(
  ctx: Context,
  { files, digest }: ConsoleFiles,
  asked: { digest: string; path: string },
): Promise<void> {
  const file = files.get(asked.path);
  if (!file) throw new RequestError('no-such-path');
  const isCurrent = asked.digest === digest;
  ctx.set('cache-control', isCurrent ? 'public, max-age=31536000, immutable' : 'no-store');
  await answerStaticText(ctx, file);
}
