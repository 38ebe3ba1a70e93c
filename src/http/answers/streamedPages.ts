import { Readable } from 'node:stream';
import type { Context } from 'koa';
import type { Logger } from 'pino';
import { requestState } from '../route/requestState.ts';
import { RequestError } from '../errors/errors.ts';
import { CSV, type Streamed } from '../route/streamed.ts';

interface PagesAsText<Page> {
  toText(pages: AsyncIterable<Page>): AsyncIterable<string>;
  logger: Logger;
}

/** Streams everything that `pages` yields as a file called `name`. See streamPages. */
export async function answerPages<Page>(
  ctx: Context,
  { type, contentType }: Pick<Streamed, 'type' | 'contentType'>,
  pages: AsyncGenerator<Page>,
  { name, toText, logger }: PagesAsText<Page> & { name: string },
): Promise<void> {
  await streamPages(ctx, pages, { toText, logger });
  ctx.attachment(`${name}.${type === CSV ? 'csv' : 'ndjson'}`);
  // After the name of the file, from which Koa guesses another type.
  ctx.set('content-type', contentType);
}

/**
 * Streams everything that `pages` yields as the text that `toText` makes of it. What goes wrong before the first page is still an error with its own
 * status; what goes wrong later, or a token that expires, cuts the connection.
 */
export async function streamPages<Page>(
  ctx: Context,
  pages: AsyncGenerator<Page>,
  { toText, logger }: PagesAsText<Page>,
): Promise<void> {
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
      // The status is sent already: the connection is cut, so that the part is not taken for the whole.
      const { requestId, route } = requestState(ctx);
      logger.error({ requestId, route: route?.path, reason: (error as Error).name }, 'export cut short');
      throw error;
    }
  }
  // Koa pipes it: the socket says when it takes more, and the generators end when the client goes away.
  ctx.body = Readable.from(toText(all()), { objectMode: false });
}
