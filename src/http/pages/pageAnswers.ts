import type { Context } from 'koa';
import { RequestError } from '../errors/errors.ts';
import { answerRevalidated, answerStaticText } from '../answers/staticText.ts';
import type { ConsoleFiles } from './consoleFiles.ts';

/** Scripts, styles, images and requests of this origin only, nothing inline, and no page around this one. */
const PAGE_POLICY = [
  "default-src 'self'",
  "base-uri 'none'",
  "object-src 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** Answers the page of the console; it is the same for each of its addresses, and the browser asks whether it has changed. */
export function answerPage(ctx: Context, { page }: ConsoleFiles): void {
  ctx.set('content-security-policy', PAGE_POLICY);
  answerRevalidated(ctx, page);
}

/**
 * Answers a file by its path. Its address holds the digest of all files: it may be kept for a year. An address of another state, from a
 * page that was loaded before an upgrade, gets the present file, which is not to be kept.
 */
export function answerFile(
  ctx: Context,
  { files, digest }: ConsoleFiles,
  asked: { digest: string; path: string },
): void {
  const file = files.get(asked.path);
  if (!file) throw new RequestError('no-such-path');
  const isCurrent = asked.digest === digest;
  ctx.set('cache-control', isCurrent ? 'public, max-age=31536000, immutable' : 'no-store');
  answerStaticText(ctx, file);
}
