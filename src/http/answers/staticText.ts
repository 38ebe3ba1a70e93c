import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Context } from 'koa';
import { isNotModified } from '../requests/preconditions.ts';
import { MAX_ACCEPT_LENGTH } from '../route/streamed.ts';

type Encoding = 'br' | 'gzip' | 'identity';

/** A text's bytes in the compressed encodings that have been made so far. */
export type Compressed = Partial<Record<Exclude<Encoding, 'identity'>, Buffer>>;

/** A text that stays the same while the server runs. */
export interface StaticText {
  contentType: string;
  /** Identifies the text. */
  digest: string;
  /** Its bytes as they are sent. Compressed off the event loop by the first caller that asks for the encoding. */
  bytesIn: (encoding: Encoding) => Promise<Buffer>;
}

/** Brotli's quality: 20 ms per megabyte and smaller than gzip's best; the highest takes a second. */
const BROTLI_QUALITY = 5;
const GZIP_LEVEL = 9;

const brotli = promisify(brotliCompress);
const gzipped = promisify(gzip);

const COMPRESS: Record<keyof Compressed, (text: Buffer) => Promise<Buffer>> = {
  br: (text) => brotli(text, { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } }),
  gzip: (text) => gzipped(text, { level: GZIP_LEVEL }),
};

/** A short digest of a text, for ETags and addresses. */
export const digestOf = (text: string): string =>
  createHash('sha256').update(text).digest('base64url').slice(0, 16);

/**
 * A text to answer with. An encoding that is not in `compressed` is made when a caller first asks for it: making
 * all encodings of all texts would leave a server 14 to 33 MiB larger.
 */
export function staticText(text: string, contentType: string, compressed: Compressed = {}): StaticText {
  const identity = Buffer.from(text);
  const known: Compressed = { ...compressed };
  const bytesIn = async (encoding: Encoding): Promise<Buffer> =>
    encoding === 'identity' ? identity : (known[encoding] ??= await COMPRESS[encoding](identity));
  return { contentType, digest: digestOf(text), bytesIn };
}

/** Answers a text in the smallest encoding that the caller accepts. */
export async function answerStaticText(ctx: Context, { contentType, bytesIn }: StaticText): Promise<void> {
  const encoding = encodingFor(ctx);
  const bytes = await bytesIn(encoding);
  ctx.vary('accept-encoding');
  ctx.set('content-type', contentType);
  if (encoding !== 'identity') ctx.set('content-encoding', encoding);
  ctx.body = bytes;
}

/** The same for a text whose address never changes: with an ETag, or 304 if the caller has it. */
export async function answerRevalidated(ctx: Context, text: StaticText): Promise<void> {
  // Each encoding has an ETag of its own (RFC 9110, section 8.8.3.3).
  const etag = `"${text.digest}-${encodingFor(ctx)}"`;
  ctx.set('etag', etag);
  ctx.set('cache-control', 'no-cache');
  if (isNotModified(ctx, etag)) {
    ctx.vary('accept-encoding');
    ctx.status = 304;
  } else await answerStaticText(ctx, text);
}

/** Asks for each encoding: given several, Koa follows the header's order, which means nothing. */
function encodingFor(ctx: Context): Encoding {
  if (ctx.get('accept-encoding').length > MAX_ACCEPT_LENGTH) return 'identity';
  const accepted = (['br', 'gzip'] as const).find((one) => ctx.acceptsEncodings(one) === one);
  return accepted ?? 'identity';
}
