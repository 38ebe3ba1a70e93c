import type { Context } from 'koa';
import type { Logger } from 'pino';
import type { Actor } from '../../../events/types.ts';
import { requestState } from '../../route/requestState.ts';

/**
 * Logs a read of another person's history: who, whose, and the names of the filters, never their
 * values. `subject` is null for a read of all.
 */
export type LogHistoryRead = (
  ctx: Context,
  read: { actor: Actor; subject: string | null; filters: readonly string[] },
) => void;

export const createHistoryReadLog =
  (logger: Logger): LogHistoryRead =>
  (ctx, { actor, subject, filters }) => {
    const { requestId } = requestState(ctx);
    logger.info({ requestId, account: actor.account, subject, filters }, 'history read');
  };
