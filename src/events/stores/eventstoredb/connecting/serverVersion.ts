import type { Connection } from './connection.ts';
import { storeError, within } from '../calls/failures.ts';

/** Shown as 23.10; compared in three parts. */
const OLDEST = [23, 10, 0];

/** First fixed release of each line whose earlier releases may skip events. */
const SKIPPING: readonly (readonly [number, number, number])[] = [
  [24, 10, 5],
  [25, 0, 1],
];

/** The version that the server reports, such as 24.10.5. Throws EventStoreError. */
export async function serverVersion({ client, deadlineMs }: Connection): Promise<string> {
  const { capabilities } = client as unknown as { capabilities: Promise<{ serverVersion: string }> };
  try {
    return (await within(deadlineMs, capabilities)).serverVersion;
  } catch (error) {
    throw storeError('report its version', error, false);
  }
}

/**
 * A warning for operators about a server version, or null. Before 24.10.5 and 25.0.1 a filtered
 * subscription may get a checkpoint beyond an event that it has not received (KurrentDB, pull
 * request 4975).
 */
export function warningOf(version: string): string | null {
  const parts = version.split('.').map((part) => Number.parseInt(part, 10));
  if (Number.isNaN(parts[0])) return null;
  const skipping = SKIPPING.find((fixed) => fixed[0] === parts[0] && fixed[1] === parts[1]);
  if (skipping && (parts[2] ?? 0) < skipping[2]) {
    return `server ${version} is known to skip events in subscriptions: upgrade it to ${skipping.join('.')} or later`;
  }
  if (isBefore(parts, OLDEST)) return `server ${version} is older than 23.10: padron does not support it`;
  return null;
}

function isBefore(a: readonly number[], b: readonly number[]): boolean {
  const index = b.findIndex((part, i) => (a[i] ?? 0) !== part);
  return index >= 0 && (a[index] ?? 0) < (b[index] ?? 0);
}
