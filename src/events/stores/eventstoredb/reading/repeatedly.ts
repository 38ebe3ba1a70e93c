import { Budget, backoff } from '../following/subscriptionBackoff.ts';
import { leaveSilentNode } from '../connecting/client.ts';
import type { Connection } from '../connecting/connection.ts';
import { failureOf, hasMoved, isElecting, storeError } from '../failures.ts';

/** How often a call is tried while its only node is out of reach. */
const MAX_TRIES = 4;
const MAX_BACKOFF_MS = 500;

/**
 * Repeats a read that was lost on the way, no longer than the deadline, then throws EventStoreError. `read` gets the
 * longest silence in milliseconds that it may wait out.
 */
export async function repeatedly<T>(
  connection: Connection,
  what: string,
  read: (silenceMs: number) => Promise<T>,
  budget = new Budget(connection),
): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    const begun = performance.now();
    try {
      return await read(budget.step);
    } catch (error) {
      if (failureOf(error) === 'refused' || isHopeless(connection, attempt, error) || budget.spent) {
        throw storeError(what, error, false);
      }
      await prepareNextTry(connection, { attempt, error, begun, budget });
    }
  }
}

/** Whether trying again soon is no use: the only node there is does not answer, and no election is under way. */
export const isHopeless = ({ isCluster = false }: Connection, attempt: number, error: unknown): boolean =>
  attempt + 1 >= MAX_TRIES && !isCluster && !isElecting(error);

/** After a failure: leaves a node that is silent, and pauses unless the client has just moved to another connection. */
export async function prepareNextTry(
  { client }: Connection,
  failed: { attempt: number; error: unknown; begun: number; budget: Budget },
): Promise<void> {
  const { attempt, error, begun, budget } = failed;
  const left = await leaveSilentNode(client, error, begun);
  if (attempt === 0 && (left || hasMoved(error))) return;
  await backoff(attempt, Math.min(MAX_BACKOFF_MS, budget.left));
}
