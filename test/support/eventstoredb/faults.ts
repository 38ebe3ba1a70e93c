import { Metadata, status } from '@grpc/grpc-js';
import type { ServiceError } from '@grpc/grpc-js';

export interface Endpoint {
  host: string;
  port: number;
}

export type Refusal = Pick<ServiceError, 'code' | 'details' | 'metadata'>;

/** How the stand-in misbehaves. Everything is off at first. */
export class Faults {
  /** This many appends are committed but never answered. */
  swallow = 0;
  /** Milliseconds that every call waits before it is handled. */
  delayMs = 0;
  /** This many calls are answered with "Server Is Not Ready". */
  notReady = 0;
  /** This many appends are answered with "not leader", naming `leader` as the leader. */
  notLeader = 0;
  /** This many calls of BatchAppend are answered as by a server without the method. */
  withoutBatch = 0;
  /** This many appends are accepted as if their ids were new. */
  forgetful = 0;
  /** This many subscriptions, when they go live, get a checkpoint that skips the next event and has no prepare position. */
  wrongCheckpoints = 0;
  /** `onDrop` is called when this many more appends are committed, before the last one is answered. */
  dropAfter = 0;
  /** How many events a live subscription may be behind while its client does not read. */
  liveBuffer = 500;
  /** The number of calls of each method, of committed appends, and of appends with credentials. */
  readonly calls = new Map<string, number>();
  readonly #leader: () => Endpoint | undefined;
  readonly #onDrop: () => void;

  constructor(leader: () => Endpoint | undefined, onDrop: () => void) {
    this.#leader = leader;
    this.#onDrop = onDrop;
  }

  /** Counts and delays the call, then passes on the refusal for it, or null. */
  admit(method: string, handle: (refusal: Refusal | null) => void): void {
    this.count(method);
    const refusal = this.#refusal(method);
    if (this.delayMs === 0) {
      handle(refusal);
      return;
    }
    setTimeout(() => {
      handle(refusal);
    }, this.delayMs);
  }

  /** Whether to treat the ids of the next append as new. */
  forgets(): boolean {
    if (this.forgetful === 0) return false;
    this.forgetful -= 1;
    return true;
  }

  /** Whether to answer the append that was just committed. */
  committed(): boolean {
    this.count('committed');
    if (this.dropAfter > 0) {
      this.dropAfter -= 1;
      if (this.dropAfter === 0) {
        this.#onDrop();
        return false;
      }
    }
    if (this.swallow === 0) return true;
    this.swallow -= 1;
    return false;
  }

  count(what: string): void {
    this.calls.set(what, (this.calls.get(what) ?? 0) + 1);
  }

  #refusal(method: string): Refusal | null {
    if (this.withoutBatch > 0 && method === 'batchAppend') {
      this.withoutBatch -= 1;
      return refusal(status.UNIMPLEMENTED, 'Method is unimplemented.');
    }
    if (this.notReady > 0) {
      this.notReady -= 1;
      return notReady();
    }
    if (this.notLeader > 0 && (method === 'append' || method === 'batchAppend')) {
      this.notLeader -= 1;
      const leader = this.#leader();
      if (leader) return notLeader(leader);
    }
    return null;
  }
}

export const notReady = (): Refusal => refusal(status.UNAVAILABLE, 'Server Is Not Ready');

/** Redirects the client to the leader. */
export const notLeader = ({ host, port }: Endpoint): Refusal =>
  refusal(status.NOT_FOUND, 'Leader info available', {
    exception: 'not-leader',
    'leader-endpoint-host': host,
    'leader-endpoint-port': String(port),
  });

/** An error as the answer to a call. The client distinguishes errors by `exception` in the trailers. */
export function refusal(code: status, details: string, trailers: Record<string, string> = {}): Refusal {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(trailers)) metadata.set(key, value);
  return { code, details, metadata };
}
