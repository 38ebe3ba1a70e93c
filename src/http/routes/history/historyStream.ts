import { Readable } from 'node:stream';
import type { Context } from 'koa';
import type { Logger } from 'pino';
import { toCsv, toNdjson } from '../../../history/export.ts';
import type { EntryJson } from '../../../history/history.ts';
import { requestState } from '../../route/requestState.ts';
import { RequestError } from '../../errors/errors.ts';
import { CSV, type Streamed } from '../../route/streamed.ts';

/** Streams the whole; what goes wrong before the first piece is still an error with its own status. */
export async function answerHistoryStream(
  ctx: Context,
  { type, contentType, csv }: Streamed,
  pages: AsyncGenerator<EntryJson[]>,
  logger: Logger,
): Promise<void> {
  const first = await pages.next();
  async function* all(): AsyncGenerator<EntryJson[]> {
    if (first.done === true) return;
    yield first.value;
    try {
      for await (const page of pages) {
        if (!(await requestState(ctx).isStillAllowed())) throw new RequestError('unauthorized');
        yield page;
      }
    } catch (error) {
      // The status is sent already: the connection is cut, so that nobody takes the part for the whole.
      const { requestId, route } = requestState(ctx);
      logger.error({ requestId, route: route?.path, reason: (error as Error).name }, 'export cut short');
      throw error;
    }
  }
  ctx.attachment(type === CSV ? 'history.csv' : 'history.ndjson');
  // After the name of the file, from which Koa guesses another type.
  ctx.set('content-type', contentType);
  // Koa pipes it: the socket says when it takes more, and the generators end when the client goes away.
  ctx.body = Readable.from(type === CSV ? toCsv(all(), csv) : toNdjson(all()), { objectMode: false });
}
