import type { Deadline } from '../../platform/deadline.ts';
import { RequestError } from '../errors/errors.ts';

/** Settles as `work` does, or rejects with Refusal `unavailable` when the deadline passes first. */
export async function inTime(work: Promise<void>, deadline: Deadline): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new RequestError('unavailable', { cause: new Error('the deadline of the request has passed') }));
    }, deadline.remainingMs());
  });
  try {
    await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
  }
}
