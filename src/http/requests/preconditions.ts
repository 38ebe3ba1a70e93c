import type { Context } from 'koa';
import { headerOf } from './parameters.ts';

/** `"<id>.<revision>"` */
export const etagOf = (id: number, revision: number): string => `"${id}.${revision}"`;

/**
 * The If-Match precondition, null if absent. Weak tags are compared by value, because clients and
 * proxies weaken tags and a revision identifies the state exactly.
 */
export function ifMatchOf(ctx: Context): ((id: number, revision: number) => boolean) | null {
  const header = headerOf(ctx, 'If-Match');
  if (header === null) return null;
  const tags = tagsIn(header);
  return (id, revision) => revision >= 0 && (tags.includes('*') || tags.includes(etagOf(id, revision)));
}

/** Whether If-None-Match names this tag: the caller already has the document. */
export function isNotModified(ctx: Context, etag: string): boolean {
  const header = headerOf(ctx, 'If-None-Match');
  if (header === null) return false;
  const tags = tagsIn(header);
  return tags.includes('*') || tags.includes(etag);
}

const tagsIn = (header: string): string[] =>
  header
    .split(',')
    .map((tag) => tag.trim().replace(/^W\//, ''))
    .filter((tag) => tag !== '');
