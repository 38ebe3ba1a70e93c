import { isUtf8 } from 'node:buffer';
import type { Context } from 'koa';
import getRawBody from 'raw-body';
import { RequestError } from '../errors/errors.ts';

/** Largest body in bytes. */
const MAX_BODY_BYTES = 64 * 1024;

/**
 * The JSON value of a request's body. Refuses another content type, charset or encoding (415), more
 * than 64 KiB (413), and anything but JSON in well-formed UTF-8 (400). An empty body is not JSON; a
 * leading byte order mark is ignored (RFC 8259, section 8.1).
 */
export async function readJson(ctx: Context): Promise<unknown> {
  if (!isJsonType(ctx.get('content-type')) || !isIdentity(ctx.get('content-encoding'))) {
    throw new RequestError('unsupported-media-type');
  }
  const bytes = await readBytes(ctx);
  if (!isUtf8(bytes)) throw new RequestError('malformed');
  try {
    return JSON.parse(bytes.toString('utf8').replace(/^\uFEFF/, '')) as unknown;
  } catch {
    // The parser's message quotes the text, so it is not passed on.
    throw new RequestError('malformed');
  }
}

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const TYPE = new RegExp(`^(${TOKEN}/${TOKEN})`);
/** Empty parameters are allowed: "application/json;". */
const PARAMETER = new RegExp(`[ \\t]*;[ \\t]*(?:(${TOKEN})=(?:(${TOKEN})|"((?:[^"\\\\]|\\\\.)*)"))?`, 'y');

/** Whether this is JSON in UTF-8: any parameters but another charset. */
function isJsonType(header: string): boolean {
  if (header === 'application/json') return true;
  const media = mediaTypeOf(header);
  return media?.type === 'application/json' && media.charsets.every((one) => /^utf-?8$/i.test(one));
}

/**
 * A content type in lower case and the charsets that it names; null if it is malformed (RFC 9110,
 * section 8.3.1).
 */
export function mediaTypeOf(header: string): { type: string; charsets: string[] } | null {
  const type = TYPE.exec(header)?.[0];
  if (type === undefined) return null;
  const charsets: string[] = [];
  let at = type.length;
  while (at < header.length) {
    PARAMETER.lastIndex = at;
    const parameter = PARAMETER.exec(header);
    if (!parameter) return null;
    const [text, name = '', token, quoted] = parameter;
    if (name.toLowerCase() === 'charset') charsets.push(token ?? quoted ?? '');
    at += text.length;
  }
  return { type: type.toLowerCase(), charsets };
}

export const isIdentity = (header: string): boolean =>
  header.split(',').every((coding) => ['', 'identity'].includes(coding.trim().toLowerCase()));

async function readBytes(ctx: Context): Promise<Buffer> {
  if (ctx.req.headers.expect !== undefined) ctx.res.writeContinue();
  try {
    return await getRawBody(ctx.req, { length: ctx.get('content-length') || null, limit: MAX_BODY_BYTES });
  } catch (cause) {
    if ((cause as { type?: string }).type === 'entity.too.large') throw new RequestError('too-large');
    // The client went away, or sent less than announced.
    throw new RequestError('malformed', { cause });
  }
}
