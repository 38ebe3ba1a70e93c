import type { Deadline } from '../../platform/deadline.ts';
import { RequestError } from '../errors/errors.ts';

/**
 * Settles like `work`, or rejects with RequestError `unavailable` if the deadline passes first. A
 * client that disconnects does not end it: an answer that no client receives is not a failure.
 */
export function inTime(work: Promise<void>, deadline: Deadline): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new RequestError('unavailable', { cause: new Error('the deadline of the request has passed') }));
    }, deadline.remainingMs());
    const settle =
      <T>(how: (result: T) => void) =>
      (result: T): void => {
        clearTimeout(timer);
        how(result);
      };
    work.then(settle(resolve), settle(reject));
  });
}
