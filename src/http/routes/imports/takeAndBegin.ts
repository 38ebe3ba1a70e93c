import type { Context } from 'koa';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Actor } from '../../../events/types.ts';
import { beginImport } from '../../../imports/jobs/beginImport.ts';
import type { ImportOrder } from '../../../imports/jobs/importOrder.ts';
import { noCounts } from '../../../imports/run/importCounts.ts';
import type { JobRefusal } from '../../../projections/rebuild/jobs.ts';
import { isUnfinished, type Job } from '../../../projections/record/viewRecord.ts';
import { RequestError } from '../../errors/errors.ts';
import { commandRequest } from '../../requests/commandRequest.ts';
import { answerBegun } from '../jobAnswers.ts';
import type { ImportParts } from './importParts.ts';
import type { TakeList } from './takeList.ts';

/**
 * Stores a list and begins its import, or answers the import that an earlier request with the same
 * key began. Throws the routes' errors.
 */
export async function takeAndBegin(
  ctx: Context,
  parts: ImportParts & { takeList: TakeList },
  { order, actor }: { order: ImportOrder; actor: Actor },
): Promise<void> {
  const { jobs, logger, imports, takeList } = parts;
  const hasKey = ctx.get('idempotency-key') !== '';
  // Whether a request with a key is a repeat is only known once its list was read.
  const other = hasKey ? undefined : (await jobs.list()).find(isUnfinishedImport);
  if (other) throw new RequestError('busy', { detail: `${other.id} is ${other.state}` });
  await takeList(ctx, order, async ({ upload, list, keep }) => {
    await imports.uploads.saveOrder(upload, order);
    const { reading, reason, correlation } = order;
    const digest = hasKey ? await digestOf(imports.uploads.fileOf(upload)) : null;
    const body = { reading, reason, list: digest };
    const request = commandRequest(ctx, actor, body, parts.key);
    const { account } = actor;
    const begin = async (): Promise<Job | JobRefusal> => {
      const begun = await beginImport(
        { jobs, keys: parts.commands.keys },
        { upload, list, isUpdate: reading.isUpdate, correlation, account, counts: noCounts(), refused: [] },
        request,
      );
      if (begun === 'key-reused') throw new RequestError('key-reused');
      if (begun === 'forgotten') throw new RequestError('not-found');
      if (typeof begun !== 'string' && begun.import?.upload !== upload) await imports.uploads.remove(upload);
      return begun;
    };
    // Even if a store fails, the job may have begun and need the list.
    keep();
    try {
      await answerBegun(ctx, actor, { jobs, logger, kind: 'import', path: '/imports', begin });
    } catch (error) {
      if (error instanceof RequestError) await imports.uploads.remove(upload);
      throw error;
    }
    imports.onBegun();
  });
}

const isUnfinishedImport = (job: Job): boolean => job.import !== undefined && isUnfinished(job);

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('base64url');
}
