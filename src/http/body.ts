import { isUtf8 } from 'node:buffer';
import type { Context } from 'koa';
import getRawBody from 'raw-body';
import { Refusal } from './errors.ts';

/** Largest body in bytes (contract, section 2). */
export const LARGEST_BODY = 64 * 1024;

/**
 * The JSON value of a request's body. Refuses another content type or encoding (415), more than 64 KiB (413), and
 * what is not JSON in well-formed UTF-8 (400). An empty body is not JSON.
 */
export async function readJson(ctx: Context): Promise<unknown> {
  const encoding = ctx.get('content-encoding');
  if (ctx.request.type !== 'application/json' || (encoding !== '' && encoding !== 'identity')) {
    throw new Refusal('unsupported-media-type');
  }
  const bytes = await readBytes(ctx);
  if (!isUtf8(bytes)) throw new Refusal('malformed');
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch {
    // The parser's message quotes the text: it is not passed on.
    throw new Refusal('malformed');
  }
}

async function readBytes(ctx: Context): Promise<Buffer> {
  try {
    return await getRawBody(ctx.req, { length: ctx.get('content-length') || null, limit: LARGEST_BODY });
  } catch (cause) {
    if ((cause as { type?: string }).type === 'entity.too.large') throw new Refusal('too-large');
    // The client went away, or sent less than it said.
    throw new Refusal('malformed', { cause });
  }
}
