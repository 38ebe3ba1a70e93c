import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Context } from 'koa';
import { isNotModified } from '../requests/preconditions.ts';
import { MAX_ACCEPT_LENGTH } from '../route/streamed.ts';

/** A text that stays the same while the server runs, in each encoding that is sent. */
export interface StaticText {
  contentType: string;
  /** Identifies the text. */
  digest: string;
  bytes: Record<'br' | 'gzip' | 'identity', Buffer>;
}

/** Brotli's quality: 20 ms per megabyte and smaller than gzip's best; the highest takes a second. */
const BROTLI_QUALITY = 5;
const GZIP_LEVEL = 9;

const compressed = {
  br: promisify(brotliCompress),
  gzip: promisify(gzip),
};

/** A short digest of a text, for ETags and addresses. */
export const digestOf = (text: string): string =>
  createHash('sha256').update(text).digest('base64url').slice(0, 16);

/** Compresses a text once, off the event loop, for all later answers. */
export async function prepareStaticText(text: string, contentType: string): Promise<StaticText> {
  const identity = Buffer.from(text);
  const [br, zipped] = await Promise.all([
    compressed.br(identity, { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } }),
    compressed.gzip(identity, { level: GZIP_LEVEL }),
  ]);
  return { contentType, digest: digestOf(text), bytes: { br, gzip: zipped, identity } };
}

/** Answers a text in the smallest encoding that the caller accepts. */
export function answerStaticText(ctx: Context, { contentType, bytes }: StaticText): void {
  const encoding = encodingFor(ctx);
  ctx.vary('accept-encoding');
  ctx.set('content-type', contentType);
  if (encoding !== 'identity') ctx.set('content-encoding', encoding);
  ctx.body = bytes[encoding];
}

/** The same for a text whose address never changes: with an ETag, or 304 if the caller has it. */
export function answerRevalidated(ctx: Context, text: StaticText): void {
  // Each encoding has an ETag of its own (RFC 9110, section 8.8.3.3).
  const etag = `"${text.digest}-${encodingFor(ctx)}"`;
  ctx.set('etag', etag);
  ctx.set('cache-control', 'no-cache');
  if (isNotModified(ctx, etag)) {
    ctx.vary('accept-encoding');
    ctx.status = 304;
  } else answerStaticText(ctx, text);
}

/** Asks for each encoding: given several, Koa follows the header's order, which means nothing. */
function encodingFor(ctx: Context): keyof StaticText['bytes'] {
  if (ctx.get('accept-encoding').length > MAX_ACCEPT_LENGTH) return 'identity';
  const accepted = (['br', 'gzip'] as const).find((one) => ctx.acceptsEncodings(one) === one);
  return accepted ?? 'identity';
}
