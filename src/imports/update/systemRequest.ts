import { randomUUID } from 'node:crypto';
import type { Request } from '../../commands/command.ts';
import { SYSTEM_ACTOR } from '../../events/types.ts';

/** A request of the command line: padron is the actor, and all events have this correlation. */
export const systemRequest = (correlationId: string, reason: string | undefined): Request => ({
  actor: SYSTEM_ACTOR,
  requestId: randomUUID(),
  correlationId,
  ifMatch: null,
  key: null,
  ...(reason === undefined ? {} : { note: { reason } }),
});
