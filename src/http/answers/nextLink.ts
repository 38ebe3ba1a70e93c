import type { Context } from 'koa';

/** The Link header of a page: the same question with the next cursor, relative, because behind a proxy the host's name is not known. */
export function nextLink(ctx: Context, cursor: string): string {
  const parameters = new URLSearchParams(ctx.querystring);
  parameters.set('cursor', cursor);
  return `<${ctx.path}?${parameters.toString()}>; rel="next"`;
}
