import { latestOf, type Deadline } from '../../platform/deadline.ts';
import { isStoreAway } from './waits.ts';

/** Reads by name. Callers that ask while a read is running share the next one. */
export interface SharedReads<T> {
  /**
   * The result of `read`, never of a read that began before the call, so it is as fresh as the
   * caller's own. Rejects as the read does; at once if the store does not answer the running one.
   */
  read(
    name: string,
    read: (deadline: Deadline | undefined) => Promise<T>,
    deadline: Deadline | undefined,
  ): Promise<T>;
}

interface Shared<T> {
  current: Promise<T>;
  currentDeadline: Deadline | undefined;
  next: { deadlines: (Deadline | undefined)[]; result: Promise<T> } | null;
}

export function sharedReads<T>(): SharedReads<T> {
  const underWay = new Map<string, Shared<T>>();

  function start(name: string, read: () => Promise<T>, deadline: Deadline | undefined): Promise<T> {
    const shared: Shared<T> = { current: read(), currentDeadline: deadline, next: null };
    underWay.set(name, shared);
    const end = (): void => {
      if (!shared.next) underWay.delete(name);
    };
    shared.current.then(end, end);
    return shared.current;
  }

  return {
    read(name, read, deadline) {
      const shared = underWay.get(name);
      if (!shared) return start(name, () => read(deadline), deadline);
      if (shared.next) {
        shared.next.deadlines.push(deadline);
        return shared.next.result;
      }
      const deadlines = [deadline];
      const goOn = (): Promise<T> => {
        const longest = longestOf(deadlines);
        return start(name, () => read(longest), longest);
      };
      const failOrGoOn = (error: unknown): Promise<T> => {
        if (!isStoreAway(error, shared.currentDeadline)) return goOn();
        underWay.delete(name);
        throw error;
      };
      shared.next = { deadlines, result: shared.current.then(goOn, failOrGoOn) };
      return shared.next.result;
    },
  };
}

/** Undefined if one of the callers has no deadline. */
function longestOf(deadlines: readonly (Deadline | undefined)[]): Deadline | undefined {
  const known = deadlines.filter((deadline) => deadline !== undefined);
  return known.length < deadlines.length ? undefined : latestOf(known);
}
