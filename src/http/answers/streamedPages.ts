import { Readable } from 'node:stream';
import type { Context } from 'koa';
import type { Logger } from 'pino';
import { onceClosed, requestState } from '../route/requestState.ts';
import { RequestError } from '../errors/errors.ts';
import { CSV, type Streamed } from '../route/streamed.ts';

/** A text in pieces, or its bytes. */
type Pieces = AsyncIterable<string | Uint8Array>;

interface PagesAsText<Page> {
  toText(pages: AsyncIterable<Page>): Pieces;
  logger: Logger;
}

/** Streams `pages` as a file called `name`. See streamPages. */
export async function answerPages<Page>(
  ctx: Context,
  { type, contentType }: Pick<Streamed, 'type' | 'contentType'>,
  pages: AsyncGenerator<Page>,
  { name, toText, logger }: PagesAsText<Page> & { name: string },
): Promise<void> {
  await streamPages(ctx, pages, { toText, logger });
  ctx.attachment(`${name}.${type === CSV ? 'csv' : 'ndjson'}`);
  // After the file name, from which Koa guesses another type.
  ctx.set('content-type', contentType);
}

/**
 * Streams `pages` as the text of `toText`. Errors before the first page are still answered with their
 * own status; a later error, or an expired token, cuts the connection. When the client disconnects,
 * `pages` ends at its next page, even if that has no text.
 */
export async function streamPages<Page>(
  ctx: Context,
  pages: AsyncGenerator<Page>,
  { toText, logger }: PagesAsText<Page>,
): Promise<void> {
  onceClosed(ctx, () => {
    pages.return(undefined).catch(() => undefined);
  });
  const first = await pages.next();
  async function* all(): AsyncGenerator<Page> {
    if (first.done === true) return;
    yield first.value;
    try {
      for await (const page of pages) {
        if (!(await requestState(ctx).isStillAllowed())) throw new RequestError('unauthorized');
        yield page;
      }
    } catch (error) {
      // The status has been sent, so only a cut connection shows that the answer is incomplete.
      const { requestId, route } = requestState(ctx);
      logger.error({ requestId, route: route?.path, reason: (error as Error).name }, 'export aborted');
      throw error;
    }
  }
  // Koa pipes it: the socket controls the pace, and the generators end when the client disconnects.
  ctx.body = Readable.from(withoutEmpty(toText(all())), { objectMode: false });
}

/** An empty piece would end the answer. */
async function* withoutEmpty(pieces: Pieces): AsyncGenerator<string | Uint8Array> {
  for await (const piece of pieces) if (piece.length > 0) yield piece;
}
