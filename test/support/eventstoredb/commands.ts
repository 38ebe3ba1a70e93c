import type { StandIn } from './standIn.ts';

/** What the stand-in can be told to do; see Faults for the counters. */
export type Command =
  | { do: 'reset' }
  | {
      do: 'set';
      faults: Partial<
        Record<
          'forgetful' | 'swallow' | 'delayMs' | 'notReady' | 'notLeader' | 'dropAfter' | 'liveBuffer',
          number
        >
      >;
    }
  | { do: 'dropConnections' }
  /** Refuses connections; the data stays. */
  | { do: 'stop' }
  | { do: 'start' }
  | { do: 'silence'; ms: number }
  | { do: 'dropSubscribers'; how: 'slow' | 'end' }
  /** Answers how often each method was called, and how many events there are in each stream. */
  | { do: 'report' };

export interface Report {
  calls: Record<string, number>;
  events: Record<string, number>;
}

/** Carries a command out; the promise resolves when it is done. */
export async function obey(standIn: StandIn, command: Command): Promise<Report | null> {
  switch (command.do) {
    case 'reset':
      standIn.reset();
      return null;
    case 'set':
      Object.assign(standIn.faults, command.faults);
      return null;
    case 'dropConnections':
      standIn.front.drop();
      return null;
    case 'stop':
      await standIn.front.close();
      return null;
    case 'start':
      await standIn.front.open();
      return null;
    case 'silence':
      standIn.front.silence(command.ms);
      return null;
    case 'dropSubscribers':
      for (const drop of standIn.subscribers) drop(command.how);
      return null;
    case 'report': {
      const events: Record<string, number> = {};
      for (const { stream } of standIn.log.entries) events[stream] = (events[stream] ?? 0) + 1;
      return { calls: Object.fromEntries(standIn.faults.calls), events };
    }
  }
}
