import type { Context } from 'koa';
import type { Documents } from '../../projections/reading/documents.ts';
import { searchWords } from '../../projections/views/search.ts';
import type { Accepts } from '../../roll/filters.ts';
import { answerJson } from '../answers/answers.ts';
import { nextLink } from '../answers/nextLink.ts';
import { encodeCursor, pageRequestOf, positionOf } from '../requests/parameters.ts';

/** Documents per read if there is a filter. */
const BATCH = 250;
/** Most documents examined for one page if there is a filter. */
const MAX_EXAMINED = 2_000;

/** The source of a list. `accepts` filters the documents; null: all are listed. */
interface PresentList<Body> {
  documents: Documents<Body>;
  accepts: Accepts<Body>;
}

/** Answers a page of a view as `{[member]: […], next}`, with X-Padron-Behind if it has not caught up. */
export async function answerPresentList<Body>(
  ctx: Context,
  {
    documents,
    member,
    present,
    accepts,
  }: PresentList<Body> & { member: string; present: (body: Body) => object },
): Promise<void> {
  const found = await pageOf(ctx, { documents, accepts });
  const next = found.next === null ? null : encodeCursor(found.next);
  if (next !== null) ctx.set('link', nextLink(ctx, next));
  if (found.behind) ctx.set('x-padron-behind', 'true');
  answerJson(ctx, { [member]: found.bodies.map(present), next });
}

interface Page<Body> {
  bodies: Body[];
  next: number | null;
  behind: boolean;
}

async function pageOf<Body>(ctx: Context, { documents, accepts }: PresentList<Body>): Promise<Page<Body>> {
  const { after, limit, q } = pageRequestOf(ctx);
  const words = searchWords(q);
  const position = positionOf(ctx);
  const page: Page<Body> = { bodies: [], next: after, behind: false };
  for (let looked = 0; page.next !== null && looked < MAX_EXAMINED; looked += BATCH) {
    const batch = await documents.page({ after: page.next, limit: accepts ? BATCH : limit, words }, position);
    page.behind ||= batch.behind;
    for (const { id, body } of batch.shown) {
      if (accepts && !accepts(body)) continue;
      if (page.bodies.length === limit) return page;
      page.bodies.push(body);
      page.next = id;
    }
    page.next = batch.next;
    if (!accepts) break;
  }
  return page;
}

/** The whole list from the request's cursor on, in batches. */
export async function* presentBatches<Body>(
  ctx: Context,
  { documents, accepts }: PresentList<Body>,
): AsyncGenerator<Body[]> {
  const { after, q } = pageRequestOf(ctx);
  const words = searchWords(q);
  const position = positionOf(ctx);
  for (let next: number | null = after; next !== null;) {
    const page: Awaited<ReturnType<typeof documents.page>> = await documents.page(
      { after: next, limit: BATCH, words },
      position,
    );
    if (page.behind && !ctx.res.headersSent) ctx.set('x-padron-behind', 'true');
    const bodies = page.shown.map(({ body }) => body);
    yield accepts ? bodies.filter(accepts) : bodies;
    next = page.next;
  }
}
