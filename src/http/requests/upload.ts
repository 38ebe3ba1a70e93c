import type { Context } from 'koa';
import { RequestError } from '../errors/errors.ts';
import type { Route } from '../route/route.ts';
import { isIdentity, mediaTypeOf } from './body.ts';

/**
 * Refuses, before reading any of it, a file of another content type or encoding (415) and one whose
 * Content-Length is too large (413).
 */
export function requireUploadable(ctx: Context, { examples, maxBytes }: NonNullable<Route['upload']>): void {
  const media = mediaTypeOf(ctx.get('content-type'));
  if (!media || !(media.type in examples) || !isIdentity(ctx.get('content-encoding')))
    throw new RequestError('unsupported-media-type', {
      detail: `the list must be ${Object.keys(examples).join(' or ')}`,
    });
  if (Number(ctx.get('content-length')) > maxBytes()) throw tooLarge(maxBytes());
}

export const tooLarge = (maxBytes: number): RequestError =>
  new RequestError('too-large', { detail: `the list has more than ${maxBytes} bytes` });

/** The bytes of the request's body, for one reader. Rejects with RequestError if the client goes away. */
export async function* bodyOf(ctx: Context): AsyncGenerator<Buffer> {
  if (ctx.req.headers.expect !== undefined) ctx.res.writeContinue();
  try {
    // Left open: the answer to a body that is too large still has to be sent.
    yield* ctx.req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  } catch (cause) {
    throw new RequestError('malformed', { cause });
  }
}
