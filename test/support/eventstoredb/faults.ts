import { Metadata, status } from '@grpc/grpc-js';
import type { ServiceError } from '@grpc/grpc-js';

export interface Endpoint {
  host: string;
  port: number;
}

export type Refusal = Pick<ServiceError, 'code' | 'details' | 'metadata'>;

/** How the stand-in misbehaves at present; everything off to begin with. */
export class Faults {
  /** So many appends are committed, but never answered. */
  swallow = 0;
  /** Every call waits so long before it is handled. */
  delayMs = 0;
  /** So many calls are answered "Server Is Not Ready". */
  notReady = 0;
  /** So many appends are answered "not leader", with `leader` as the one to go to. */
  notLeader = 0;
  /** So many calls of BatchAppend are answered as by a server that does not have it. */
  withoutBatch = 0;
  /** So many appends are taken as if their ids had never been seen. */
  forgetful = 0;
  /** So many subscriptions, when they go live, get a checkpoint at the place of the next event, with no prepare position. */
  wrongCheckpoints = 0;
  /** After so many more appends were committed, and before the last is answered, `onDrop` is called. */
  dropAfter = 0;
  /** How many events a live subscription may be behind while its client does not read. */
  liveBuffer = 500;
  /** How often each method was called, how many appends were committed, and how many came with credentials. */
  readonly calls = new Map<string, number>();
  readonly #leader: () => Endpoint | undefined;
  readonly #onDrop: () => void;

  constructor(leader: () => Endpoint | undefined, onDrop: () => void) {
    this.#leader = leader;
    this.#onDrop = onDrop;
  }

  /** Counts the call, lets it wait, and hands it on with the refusal it is to be answered with, or null. */
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

  /** Says whether to forget the ids of an append. */
  forgets(): boolean {
    if (this.forgetful === 0) return false;
    this.forgetful -= 1;
    return true;
  }

  /** Says of a committed append whether to answer it. */
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

/** Sends the client to the leader. */
export const notLeader = ({ host, port }: Endpoint): Refusal =>
  refusal(status.NOT_FOUND, 'Leader info available', {
    exception: 'not-leader',
    'leader-endpoint-host': host,
    'leader-endpoint-port': String(port),
  });

/** An error as a call is answered with it; `exception` in the trailers is what the client tells errors apart by. */
export function refusal(code: status, details: string, trailers: Record<string, string> = {}): Refusal {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(trailers)) metadata.set(key, value);
  return { code, details, metadata };
}
