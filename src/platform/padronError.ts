/**
 * An error of padron's own. Its message names streams, types and members and quotes no stored value, so logs,
 * jobs and answers may show it.
 */
export class PadronError extends Error {}

/** Longest text that is shown of an error. */
const MAX_REASON = 400;

/**
 * What may be shown of anything that was thrown, in one line: the message of padron's own errors, of all others
 * only the name, because their messages may quote a person's data.
 */
export function reasonOf(thrown: unknown): string {
  if (thrown instanceof PadronError) return (thrown.message.split('\n')[0] ?? '').slice(0, MAX_REASON);
  const name = thrown instanceof Error ? thrown.name : '';
  return /^\w{1,60}$/.test(name) ? name : 'Error';
}
