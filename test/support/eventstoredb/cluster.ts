import { Faults } from './faults.ts';
import { Log } from './log.ts';
import type { Expected, Outcome, Proposed } from './log.ts';
import type { StandIn } from './standIn.ts';

/** Delays between the nodes, in milliseconds. */
export interface Pace {
  /** Until an event has reached another node. */
  replicationMs: number;
  /** Until a follower shows what the leader shows. */
  followerLagMs: number;
  /** From the loss of a leader to the next one. */
  electionMs: number;
  /** How long a resumed leader still considers itself the leader. */
  staleMs: number;
}

export const DEFAULT_PACE: Pace = { replicationMs: 0, followerLagMs: 0, electionMs: 300, staleMs: 0 };
/** The share of an election during which the other nodes' gossip still names the lost leader. */
const UNNOTICED = 1 / 3;

/** An append that waits until a majority has it. */
interface Waiting {
  upTo: number;
  done: () => void;
}

/**
 * The nodes and what they share. A leader detects conflicts with everything that it has written, but acknowledges and shows only
 * what a majority has. Events that only a lost leader had are truncated by the next one. A single node is a cluster without delays.
 */
export class Cluster {
  log = new Log();
  readonly nodes: StandIn[] = [];
  leader: StandIn | null = null;
  faults: Faults;
  pace: Pace = { ...DEFAULT_PACE };
  /** The lost leader, while gossip still names it. */
  unnoticed: StandIn | null = null;
  #held = false;
  #committed = 0;
  #waiting: Waiting[] = [];

  constructor() {
    this.faults = this.#noFaults();
  }

  /** Forgets every event and fault. All nodes are up, and the first one is the leader. */
  async reset(): Promise<void> {
    for (const node of this.nodes) node.dropSubscribers('end');
    this.log = new Log();
    this.faults = this.#noFaults();
    this.pace = { ...DEFAULT_PACE };
    this.unnoticed = null;
    this.#held = false;
    this.#waiting = [];
    this.#committed = this.log.entries.length;
    for (const node of this.nodes) await node.rejoin(this.#committed);
    this.leader = this.nodes[0] ?? null;
  }

  /** Appends on the leader, whichever node received the call. Calls `done` with the outcome, or never if the leader is lost. */
  append(
    call: { stream: string; expected: Expected; events: readonly Proposed[]; log: Log },
    done: (outcome: Outcome) => void,
  ): void {
    const { leader } = this;
    if (leader?.state !== 'up' || call.log !== this.log) {
      if (call.log !== this.log) done(call.log.append(call.stream, call.expected, call.events));
      return;
    }
    const outcome = this.log.append(call.stream, call.expected, call.events);
    if (outcome.kind !== 'written') {
      done(outcome);
      return;
    }
    this.#waiting.push({
      upTo: outcome.upTo,
      done: () => {
        done(outcome);
      },
    });
    this.written();
  }

  /** To be called after the log has grown. */
  written(): void {
    if (!this.leader) return;
    this.leader.copied = this.log.entries.length;
    for (const node of this.nodes) if (node !== this.leader) this.#replicateTo(node);
    this.#advance();
  }

  /** Withholds events from the followers, or lets them through again. */
  hold(held: boolean): void {
    this.#held = held;
    if (!held) for (const node of this.nodes) this.#replicateTo(node);
  }

  /** Kills a node: its connections are reset. */
  async kill(node: StandIn): Promise<void> {
    node.state = 'down';
    this.#lose(node);
    await node.front.close();
  }

  /** Stops a node as SIGSTOP would: its connections stay open, and nothing passes. */
  pause(node: StandIn): void {
    node.state = 'paused';
    node.front.hold();
    this.#lose(node);
  }

  /** Brings a killed or paused node back, as a follower. */
  async resume(node: StandIn): Promise<void> {
    const wasPaused = node.state === 'paused';
    node.state = 'up';
    if (wasPaused && node.wasLeader && this.pace.staleMs > 0) {
      node.isStale = true;
      setTimeout(() => {
        node.isStale = false;
        this.#replicateTo(node);
      }, this.pace.staleMs);
    }
    node.wasLeader = false;
    node.copied = Math.min(node.copied, this.log.entries.length);
    await node.front.open();
    node.front.release();
    if (!this.leader) this.#elect();
    this.#replicateTo(node);
  }

  #lose(node: StandIn): void {
    if (this.leader !== node) return;
    node.wasLeader = true;
    this.leader = null;
    this.#waiting = [];
    this.unnoticed = node;
    setTimeout(() => {
      if (this.unnoticed === node) this.unnoticed = null;
    }, this.pace.electionMs * UNNOTICED);
    setTimeout(() => {
      this.#elect();
    }, this.pace.electionMs);
  }

  #elect(): void {
    const candidates = this.nodes.filter(({ state, isStale }) => state === 'up' && !isStale);
    if (this.leader || 2 * candidates.length <= this.nodes.length) return;
    const [chosen] = candidates.sort((a, b) => b.copied - a.copied);
    if (!chosen) return;
    this.log.truncate(chosen.copied);
    for (const node of this.nodes) node.copied = Math.min(node.copied, chosen.copied);
    this.unnoticed = null;
    this.leader = chosen;
    this.written();
  }

  #replicateTo(node: StandIn): void {
    const { log } = this;
    const upTo = log.entries.length;
    const copy = (): void => {
      if (this.log !== log || this.#held || node.state !== 'up' || !this.leader) return;
      node.copied = Math.max(node.copied, Math.min(upTo, log.entries.length));
      this.#advance();
    };
    if (this.pace.replicationMs === 0) copy();
    else setTimeout(copy, this.pace.replicationMs);
  }

  #advance(): void {
    const copies = this.nodes.map(({ copied }) => copied).sort((a, b) => b - a);
    this.#committed = Math.max(this.#committed, copies[Math.floor(this.nodes.length / 2)] ?? 0);
    for (const node of this.nodes) {
      if (node === this.leader || this.pace.followerLagMs === 0) this.#show(node);
      else {
        setTimeout(() => {
          this.#show(node);
        }, this.pace.followerLagMs);
      }
    }
    const done = this.#waiting.filter(({ upTo }) => upTo <= this.#committed);
    this.#waiting = this.#waiting.filter(({ upTo }) => upTo > this.#committed);
    for (const one of done) one.done();
  }

  #show(node: StandIn): void {
    if (node.state !== 'up' || node.isStale) return;
    node.show(Math.min(node.copied, this.#committed));
  }

  #noFaults(): Faults {
    return new Faults(
      () => this.nodes[0],
      () => {
        for (const { front } of this.nodes) front.drop();
      },
    );
  }
}
