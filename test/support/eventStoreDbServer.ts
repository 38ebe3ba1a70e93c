import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Command, Report } from './eventstoredb/commands.ts';

/** The stand-in for EventStoreDB in a process of its own, and the ways to make it misbehave. */
export class EventStoreDbServer {
  /** What the client connects to. */
  readonly url: string;
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #asking = new Map<
    number,
    { resolve: (result: Report | null) => void; reject: (error: Error) => void }
  >();
  #asked = 0;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
    this.url = `esdb://127.0.0.1:${port}?tls=false`;
    child.on('message', ({ id, result }: { id: number; result: Report | null }) => {
      this.#asking.get(id)?.resolve(result);
      this.#asking.delete(id);
    });
    child.on('exit', () => {
      for (const { reject } of this.#asking.values()) reject(new Error('the stand-in server has exited'));
    });
  }

  static async start(): Promise<EventStoreDbServer> {
    const child = fork(new URL('./eventstoredb/main.ts', import.meta.url), { execArgv: ['--import', 'tsx'] });
    const [{ port }] = (await once(child, 'message')) as [{ port: number }];
    return new EventStoreDbServer(child, port);
  }

  /** Forgets every event and every fault. */
  async reset(): Promise<void> {
    await this.#ask({ do: 'reset' });
  }

  /**
   * Counters of what is to go wrong next: `swallow` so many replies after the commit, take so many appends as if their ids were
   * new (`forgetful`), answer so many calls `notReady`, so
   * many appends `notLeader`, cut all connections with the commit of the append that is `dropAfter` from now; `delayMs`
   * before each call; `liveBuffer` events until a slow live subscriber is dropped.
   */
  async misbehave(faults: Extract<Command, { do: 'set' }>['faults']): Promise<void> {
    await this.#ask({ do: 'set', faults });
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

  /** Connections stay, but not a byte passes. */
  async silence(ms: number): Promise<void> {
    await this.#ask({ do: 'silence', ms });
  }

  /** Leaves every subscription: as one whose consumer is too `slow`, or by ending the call well. */
  async dropSubscribers(how: 'slow' | 'end'): Promise<void> {
    await this.#ask({ do: 'dropSubscribers', how });
  }

  /** Calls by method and events by stream since the last reset. */
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
