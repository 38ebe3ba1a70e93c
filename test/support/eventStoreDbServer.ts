import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Pace } from './eventstoredb/cluster.ts';
import type { Command, NodeName, Report } from './eventstoredb/commands.ts';
import type { StandInOptions } from './eventstoredb/main.ts';
import { programOf } from './program.ts';

/** The stand-in for EventStoreDB in a process of its own, one node or several, and the ways to make it misbehave. */
export class EventStoreDbServer {
  /** The URL of all nodes. */
  readonly url: string;
  /** The ports of the nodes. */
  readonly ports: readonly number[];
  readonly #child: ChildProcess;
  readonly #asking = new Map<
    number,
    { resolve: (result: Report | null) => void; reject: (error: Error) => void }
  >();
  #asked = 0;

  private constructor(child: ChildProcess, ports: readonly number[]) {
    this.#child = child;
    this.ports = ports;
    this.url = `esdb://${ports.map((port) => `127.0.0.1:${port}`).join(',')}?tls=false`;
    child.on('message', ({ id, result }: { id: number; result: Report | null }) => {
      this.#asking.get(id)?.resolve(result);
      this.#asking.delete(id);
    });
    child.on('exit', () => {
      for (const { reject } of this.#asking.values()) reject(new Error('the stand-in server has exited'));
    });
  }

  /** Default: one node that answers as version 23.10.8 and accepts every client. */
  static async start(options: StandInOptions = {}): Promise<EventStoreDbServer> {
    const { file, execArgv } = programOf('eventStoreDb');
    const child = fork(file, [JSON.stringify(options)], { execArgv });
    const [{ ports }] = (await once(child, 'message')) as [{ ports: number[] }];
    return new EventStoreDbServer(child, ports);
  }

  get port(): number {
    return this.ports[0] ?? 0;
  }

  /** The URL of only one of the nodes. */
  urlOf(node: number): string {
    return `esdb://127.0.0.1:${this.ports[node]}?tls=false`;
  }

  /** Forgets every event and every fault. */
  async reset(): Promise<void> {
    await this.#ask({ do: 'reset' });
  }

  /** Sets what goes wrong next, mostly as the number of times that it does; see Faults. */
  async misbehave(faults: Extract<Command, { do: 'set' }>['faults']): Promise<void> {
    await this.#ask({ do: 'set', faults });
  }

  /** Sets how long replication and elections take, until the next reset. */
  async setPace(pace: Partial<Pace>): Promise<void> {
    await this.#ask({ do: 'pace', pace });
  }

  /** Resets a node's connections and refuses new ones; `resume` brings it back. */
  async kill(node: NodeName): Promise<void> {
    await this.#ask({ do: 'kill', node });
  }

  /** Stops a node without closing its connections, as SIGSTOP does. */
  async pause(node: NodeName): Promise<void> {
    await this.#ask({ do: 'pause', node });
  }

  async resumeNode(node: NodeName): Promise<void> {
    await this.#ask({ do: 'resume', node });
  }

  /** Withholds the leader's writes from the followers. */
  async holdReplication(): Promise<void> {
    await this.#ask({ do: 'hold', held: true });
  }

  async releaseReplication(): Promise<void> {
    await this.#ask({ do: 'hold', held: false });
  }

  async dropConnections(): Promise<void> {
    await this.#ask({ do: 'dropConnections' });
  }

  /** Cuts and refuses connections until `resume`; the events stay. */
  async stop(): Promise<void> {
    await this.#ask({ do: 'stop' });
  }

  async resume(): Promise<void> {
    await this.#ask({ do: 'start' });
  }

  /** Connections stay open, but nothing passes. */
  async silence(ms: number): Promise<void> {
    await this.#ask({ do: 'silence', ms });
  }

  /** Drops every subscription: as if its consumer were too `slow`, or by ending the call without an error. */
  async dropSubscribers(how: 'slow' | 'end'): Promise<void> {
    await this.#ask({ do: 'dropSubscribers', how });
  }

  /** The number of calls by method and of events by stream since the last reset. */
  async report(): Promise<Report> {
    const report = await this.#ask({ do: 'report' });
    if (!report) throw new Error('no report');
    return report;
  }

  async close(): Promise<void> {
    const exited = once(this.#child, 'exit');
    this.#child.disconnect();
    await exited;
  }

  async #ask(command: Command): Promise<Report | null> {
    const id = (this.#asked += 1);
    return new Promise((resolve, reject) => {
      this.#asking.set(id, { resolve, reject });
      this.#child.send({ id, command });
    });
  }
}
