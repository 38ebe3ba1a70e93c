import type { Context } from 'koa';
import type { ImportOrder } from '../../../imports/jobs/importOrder.ts';
import type { ImportProgress, ListedChange } from '../../../imports/jobs/runImport.ts';
import { noCounts } from '../../../imports/run/importCounts.ts';
import type { RefusedLine } from '../../../projections/record/listImport.ts';
import { presentCounts } from '../../../presentation/presentImport.ts';
import { answerJson } from '../../answers/answers.ts';
import { onceClosed } from '../../route/requestState.ts';
import { RequestError } from '../../errors/errors.ts';
import type { ImportParts } from './importParts.ts';
import { presentRefused } from './refusedLines.ts';

/** Maximum of refused lines, and of edits, that the answer lists; it counts all of them. */
const MAX_LISTED = 1_000;

/** Answers what importing the list would do. Ends early if the client goes away. */
export async function answerDryRun(
  ctx: Context,
  { imports: { uploads, run }, stopping }: Pick<ImportParts, 'imports' | 'stopping'>,
  { upload, order }: { upload: string; order: ImportOrder },
): Promise<void> {
  const gone = new AbortController();
  onceClosed(ctx, () => {
    gone.abort();
  });
  const refused: RefusedLine[] = [];
  const changes: ListedChange[] = [];
  let last: ImportProgress | null = null;
  const onProgress = (progress: ImportProgress): void => {
    last = progress;
    refused.push(...progress.refused.slice(0, MAX_LISTED - refused.length));
    changes.push(...progress.changes.slice(0, MAX_LISTED - changes.length));
  };
  const task = { file: uploads.fileOf(upload), order, from: noCounts(), isDryRun: true };
  const signal = AbortSignal.any([gone.signal, stopping]);
  const isWhole = await run(task, onProgress, signal);
  if (!isWhole) throw new RequestError('unavailable', { cause: new Error('the dry run was ended early') });
  answerJson(ctx, shown(last, order, { refused, changes }));
}

const shown = (
  last: ImportProgress | null,
  { reading }: ImportOrder,
  { refused, changes }: { refused: readonly RefusedLine[]; changes: readonly ListedChange[] },
): object => ({
  list: last?.list ?? null,
  update: reading.isUpdate,
  encoding: last?.encoding ?? null,
  counts: presentCounts(last?.counts ?? noCounts()),
  refused: presentRefused(refused),
  changes: changes.map(({ line, subject, changed }) => ({
    line,
    subject,
    changes: Object.entries(changed).map(([field, { from, to }]) => ({ field, before: from, after: to })),
  })),
});
