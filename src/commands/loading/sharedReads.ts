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

/** The running read of a name, and the one that the callers since then share. */
interface Shared<T> {
  current: { result: Promise<T>; deadline: Deadline | undefined } | null;
  next: { result: Promise<T>; deadlines: (Deadline | undefined)[] } | null;
}

export function sharedReads<T>(): SharedReads<T> {
  /** Its table may hold entries for long after they are deleted (see InFlight), so they drop what has ended. */
  const underWay = new Map<string, Shared<T>>();

  function start(
    name: string,
    read: (deadline: Deadline | undefined) => Promise<T>,
    deadline: Deadline | undefined,
  ): Promise<T> {
    const result = read(deadline);
    const shared: Shared<T> = { current: { result, deadline }, next: null };
    underWay.set(name, shared);
    const end = (): void => {
      shared.current = null;
      if (!shared.next) underWay.delete(name);
    };
    result.then(end, end);
    return result;
  }

  return {
    read(name, read, deadline) {
      const shared = underWay.get(name);
      if (shared?.next) {
        shared.next.deadlines.push(deadline);
        return shared.next.result;
      }
      if (!shared?.current) return start(name, read, deadline);
      const { current } = shared;
      const deadlines = [deadline];
      const goOn = (): Promise<T> => {
        const result = start(name, read, longestOf(deadlines));
        shared.next = null;
        return result;
      };
      const failOrGoOn = (error: unknown): Promise<T> => {
        if (!isStoreAway(error, current.deadline)) return goOn();
        underWay.delete(name);
        shared.next = null;
        throw error;
      };
      shared.next = { result: current.result.then(goOn, failOrGoOn), deadlines };
      return shared.next.result;
    },
  };
}

/** Undefined if one of the callers has no deadline. */
function longestOf(deadlines: readonly (Deadline | undefined)[]): Deadline | undefined {
  const known = deadlines.filter((deadline) => deadline !== undefined);
  return known.length < deadlines.length ? undefined : latestOf(known);
}
