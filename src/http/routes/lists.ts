import type { Context } from 'koa';
import type { Documents } from '../../projections/reading/documents.ts';
import { searchWords } from '../../projections/views/search.ts';
import { answerJson } from '../answers/answers.ts';
import { nextLink } from '../answers/nextLink.ts';
import { encodeCursor, pageRequestOf, positionOf } from '../requests/parameters.ts';

/** Answers a page of a view as `{[member]: […], next}`, with X-Padron-Behind where it could not be brought level in time. */
export async function answerList<Body>(
  ctx: Context,
  { documents, member, shown }: { documents: Documents<Body>; member: string; shown: (body: Body) => object },
): Promise<void> {
  const { after, limit, q } = pageRequestOf(ctx);
  const position = positionOf(ctx);
  const found = await documents.page({ after, limit, words: searchWords(q) }, position);
  const next = found.next === null ? null : encodeCursor(found.next);
  if (next !== null) ctx.set('link', nextLink(ctx, next));
  if (found.behind) ctx.set('x-padron-behind', 'true');
  answerJson(ctx, { [member]: found.shown.map(({ body }) => shown(body)), next });
}
