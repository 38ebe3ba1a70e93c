import type { Context } from 'koa';
import type { Logger } from 'pino';
import { toCsv, toNdjson } from '../../../history/export.ts';
import type { EntryJson } from '../../../history/history.ts';
import { CSV, type Streamed } from '../../route/streamed.ts';
import { answerPages } from '../../answers/streamedPages.ts';

/** Streams the whole requested history. */
export const answerHistoryStream = (
  ctx: Context,
  streamed: Streamed,
  pages: AsyncGenerator<EntryJson[]>,
  logger: Logger,
): Promise<void> =>
  answerPages(ctx, streamed, pages, {
    name: 'history',
    toText: (all) => (streamed.type === CSV ? toCsv(all, streamed.csv) : toNdjson(all)),
    logger,
  });
