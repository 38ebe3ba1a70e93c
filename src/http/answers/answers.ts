import type { Context } from 'koa';
import type { Position } from '../../events/eventStore.ts';
import type { Shown } from '../../projections/reading/documents.ts';
import { requestState } from '../route/requestState.ts';
import { RequestError } from '../errors/errors.ts';
import { etagOf, isNotModified } from '../requests/preconditions.ts';

/** Answers a document with its ETag, or 304 if the caller has it. */
export function answerDocument(
  ctx: Context,
  { id, revision, body }: { id: number; revision: number; body: object },
): void {
  const etag = etagOf(id, revision);
  ctx.set('etag', etag);
  const isRead = ctx.method === 'GET' || ctx.method === 'HEAD';
  if (!isRead || !isNotModified(ctx, etag)) {
    answerJson(ctx, body);
    return;
  }
  ctx.status = 304;
}

/** Answers a document, with X-Padron-Behind if it is not the newest; 404 for null. */
export function answerFound<Body>(
  ctx: Context,
  found: Shown<Body> | null,
  shown: (body: Body) => object,
): void {
  if (!found) throw new RequestError('not-found');
  requestState(ctx).source = found.from;
  if (found.behind) ctx.set('x-padron-behind', 'true');
  const { id, revision } = found;
  answerDocument(ctx, { id, revision, body: shown(found.body) });
}

/** Answers a JSON body. */
export function answerJson(ctx: Context, body: object): void {
  answerJsonText(ctx, JSON.stringify(body));
}

/** Answers JSON text. */
export function answerJsonText(ctx: Context, json: string): void {
  ctx.set('content-type', 'application/json; charset=utf-8');
  ctx.body = json;
}

/** Reports a write's position: a read that presents it sees the write, on any instance. */
export function answerPosition(ctx: Context, position: Position | null): void {
  if (position !== null) ctx.set('x-padron-position', String(position));
}
