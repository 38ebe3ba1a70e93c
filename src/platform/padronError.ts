/**
 * An error of padron's own. Its message may name streams, types and members but never quotes a
 * stored value, so it is safe in logs, jobs and answers.
 */
export class PadronError extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** Longest error text that is shown. */
const MAX_REASON = 400;

/**
 * One line about anything thrown: the message of padron's own errors; only the name of others,
 * because their messages may quote personal data.
 */
export function reasonOf(thrown: unknown): string {
  if (thrown instanceof PadronError) return (thrown.message.split('\n')[0] ?? '').slice(0, MAX_REASON);
  const name = thrown instanceof Error ? thrown.name : '';
  return /^\w{1,60}$/.test(name) ? name : 'Error';
}
