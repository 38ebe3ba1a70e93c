import type { Pace } from './cluster.ts';
import type { StandIn } from './standIn.ts';

/** A node's number, or the present leader. */
export type NodeName = number | 'leader';

/** The commands of the stand-in; see Faults for the counters. */
export type Command =
  | { do: 'reset' }
  | {
      do: 'set';
      faults: Partial<
        Record<
          | 'forgetful'
          | 'swallow'
          | 'delayMs'
          | 'notReady'
          | 'withoutBatch'
          | 'notLeader'
          | 'dropAfter'
          | 'liveBuffer'
          | 'wrongCheckpoints',
          number
        >
      >;
    }
  | { do: 'pace'; pace: Partial<Pace> }
  | { do: 'dropConnections' }
  /** Refuses connections; the data stays. */
  | { do: 'stop' }
  | { do: 'start' }
  | { do: 'silence'; ms: number }
  | { do: 'dropSubscribers'; how: 'slow' | 'end' }
  | { do: 'kill' | 'pause' | 'resume'; node: NodeName }
  /** Withholds events from the followers, or lets them through again. */
  | { do: 'hold'; held: boolean }
  /** Returns the number of calls of each method, and of events in each stream. */
  | { do: 'report' };

export interface Report {
  calls: Record<string, number>;
  events: Record<string, number>;
  /** The number of the node that is the leader, null during an election. */
  leader: number | null;
}

/** Executes a command; resolves when it is done. */
export async function obey({ cluster }: StandIn, command: Command): Promise<Report | null> {
  const { nodes } = cluster;
  switch (command.do) {
    case 'reset':
      await cluster.reset();
      return null;
    case 'set':
      Object.assign(cluster.faults, command.faults);
      return null;
    case 'pace':
      Object.assign(cluster.pace, command.pace);
      return null;
    case 'dropConnections':
      for (const { front } of nodes) front.drop();
      return null;
    case 'stop':
      await Promise.all(nodes.map(({ front }) => front.close()));
      return null;
    case 'start':
      await Promise.all(nodes.map(({ front }) => front.open()));
      return null;
    case 'silence':
      for (const { front } of nodes) front.silence(command.ms);
      return null;
    case 'dropSubscribers':
      for (const node of nodes) node.dropSubscribers(command.how);
      return null;
    case 'kill':
    case 'pause':
    case 'resume': {
      const node = command.node === 'leader' ? cluster.leader : nodes[command.node];
      if (node) await cluster[command.do](node);
      return null;
    }
    case 'hold':
      cluster.hold(command.held);
      return null;
    case 'report': {
      const events: Record<string, number> = {};
      for (const { stream } of cluster.log.entries) events[stream] = (events[stream] ?? 0) + 1;
      const leader = cluster.leader ? nodes.indexOf(cluster.leader) : null;
      return { calls: Object.fromEntries(cluster.faults.calls), events, leader };
    }
  }
}
