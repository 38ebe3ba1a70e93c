import { Budget, backoff } from '../calls/budget.ts';
import { leaveSilentNode } from '../connecting/client.ts';
import type { Connection } from '../connecting/connection.ts';
import { failureOf, hasMoved, isElecting, storeError } from '../calls/failures.ts';

/** Attempts while the only node is unreachable. */
const MAX_TRIES = 4;
const MAX_BACKOFF_MS = 500;

/**
 * Retries a failed read until the deadline, then throws EventStoreError. `read` gets the longest
 * silence to wait for, in milliseconds.
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

/**
 * Whether retrying soon is pointless: the only node does not answer, and no election is in
 * progress.
 */
export const isHopeless = ({ isCluster = false }: Connection, attempt: number, error: unknown): boolean =>
  attempt + 1 >= MAX_TRIES && !isCluster && !isElecting(error);

/**
 * After a failure: leaves a silent node, and pauses unless the client has just changed connections.
 */
export async function prepareNextTry(
  { client }: Connection,
  failed: { attempt: number; error: unknown; begun: number; budget: Budget },
): Promise<void> {
  const { attempt, error, begun, budget } = failed;
  const left = await leaveSilentNode(client, error, begun);
  if (attempt === 0 && (left || hasMoved(error))) return;
  await backoff(attempt, Math.min(MAX_BACKOFF_MS, budget.left));
}
