import type { Context } from 'koa';

/**
 * The Link header of a page: the same query with the next cursor. Relative, because the public host
 * name is unknown behind a proxy.
 */
export function nextLink(ctx: Context, cursor: string): string {
  const parameters = new URLSearchParams(ctx.querystring);
  parameters.set('cursor', cursor);
  return `<${ctx.path}?${parameters.toString()}>; rel="next"`;
}
