import type { Context } from 'koa';
import type { Logger } from 'pino';
import type { Actor } from '../../../events/types.ts';
import { requestState } from '../../route/requestState.ts';

/**
 * Leaves the line that reading somebody else's history leaves (contract, section 6): who, whose, and the names of the filters, never
 * their values. `subject` is null for everybody's.
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
