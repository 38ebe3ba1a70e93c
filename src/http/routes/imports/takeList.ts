import type { Context } from 'koa';
import type { ImportOrder } from '../../../imports/jobs/importOrder.ts';
import { lookAtList } from '../../../imports/jobs/runImport.ts';
import type { Uploads } from '../../../imports/jobs/uploads.ts';
import { ListError } from '../../../imports/list/listError.ts';
import type { ImportKind } from '../../../imports/list/listLine.ts';
import { RequestError } from '../../errors/errors.ts';
import { bodyOf, tooLarge } from '../../requests/upload.ts';
import { listRefusal } from './importParameters.ts';

/** Lists that an instance stores or tries out concurrently. */
const MAX_AT_ONCE = 4;
/** Seconds after which a caller beyond that may retry. */
const RETRY_SECONDS = 10;

/**
 * Stores the list of a request and calls `use` with it. The list is removed at the end, unless
 * `use` has called `keep`. Throws the routes' errors.
 */
export type TakeList = (
  ctx: Context,
  order: ImportOrder,
  use: (taken: { upload: string; list: ImportKind | null; keep(): void }) => Promise<void>,
) => Promise<void>;

export function createTakeList(place: () => { uploads: Uploads; maxBytes: number }): TakeList {
  let underWay = 0;

  async function take(ctx: Context, order: ImportOrder, use: Parameters<TakeList>[2]): Promise<void> {
    const { uploads, maxBytes } = place();
    const upload = await received(ctx, uploads, maxBytes);
    const fate = { isKept: false };
    try {
      const list = await lookAtList(uploads.fileOf(upload), order);
      const keep = (): void => {
        fate.isKept = true;
      };
      await use({ upload, list, keep });
    } catch (error) {
      throw error instanceof ListError ? listRefusal(error) : error;
    } finally {
      if (fate.isKept) uploads.release(upload);
      else await uploads.remove(upload);
    }
  }

  return async (ctx, order, use) => {
    if (underWay >= MAX_AT_ONCE)
      throw new RequestError('too-many-requests', { reason: 'uploads', retryAfterSeconds: RETRY_SECONDS });
    underWay += 1;
    try {
      await take(ctx, order, use);
    } finally {
      underWay -= 1;
    }
  };
}

async function received(ctx: Context, uploads: Uploads, maxBytes: number): Promise<string> {
  let upload: string | null;
  try {
    upload = await uploads.receive(bodyOf(ctx), maxBytes);
  } catch (cause) {
    if (cause instanceof RequestError) throw cause;
    // The disk is full, or this process may not write to it.
    throw new RequestError('unavailable', { cause });
  }
  if (upload === null) throw tooLarge(maxBytes);
  return upload;
}
