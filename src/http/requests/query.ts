import type Koa from 'koa';
import type { ParsedUrlQuery } from 'node:querystring';

/**
 * The parameters of a query: a text each, or a list for a name that is given more than once. Takes
 * time linear in its length. Koa's own parser collects all values again for each of them: 16 KiB of
 * `a&a&…` blocked the process for half a second.
 */
export function parseQuery(text: string): ParsedUrlQuery {
  const found = new Map<string, string | string[]>();
  for (const [name, value] of new URLSearchParams(text)) {
    const before = found.get(name);
    if (before === undefined) found.set(name, value);
    else if (typeof before === 'string') found.set(name, [before, value]);
    else before.push(value);
  }
  return Object.fromEntries(found);
}

/** Lets `ctx.query` of this application be parsed by `parseQuery`. */
export function parseQueriesOf(app: Koa): void {
  const parsed = new WeakMap<Koa.Request, ParsedUrlQuery>();
  Object.defineProperty(app.request, 'query', {
    get(this: Koa.Request): ParsedUrlQuery {
      const query = parsed.get(this) ?? parseQuery(this.querystring);
      parsed.set(this, query);
      return query;
    },
  });
}
