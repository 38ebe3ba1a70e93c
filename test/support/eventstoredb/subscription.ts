import { status } from '@grpc/grpc-js';
import type streams from '@eventstore/db-client/generated/streams_pb.js';
import { refusal } from './faults.ts';
import type { Entry } from './log.ts';
import { caughtUpMessage, checkpointMessage, confirmationMessage, eventMessage, nameOf } from './messages.ts';
import { fail, indexAt, invalidPosition } from './read.ts';
import type { ReadCall } from './read.ts';
import type { StandIn } from './standIn.ts';

type Options = streams.ReadReq.Options;
/** The server's default maxSearchWindow. */
const WINDOW = 32;

/** Where to begin, what to filter out, and after how many considered events to send a checkpoint (0: never). */
interface Plan {
  next: number;
  /** The entries to deliver, which grow while the subscription lives; null while the stream does not exist. */
  entries: () => readonly Entry[] | null;
  matches: (entry: Entry) => boolean;
  checkpointEvery: number;
  fromStart: boolean;
}

/** Sends existing events, a checkpoint, "caught up", then new events, as fast as the client reads. */
export function subscribe(node: StandIn, call: ReadCall, options: Options): void {
  const plan = options.hasAll() ? planAll(node, options) : planStream(node, options);
  if (typeof plan === 'bigint') refuse(node, call, plan);
  else new Subscription(node, call, plan).begin();
}

function refuse({ traits }: StandIn, call: ReadCall, position: bigint): void {
  if (!traits.confirmsInvalidPosition) {
    fail(call, invalidPosition(position));
    return;
  }
  call.write(confirmationMessage());
  setImmediate(() => {
    fail(call, invalidPosition(position, status.INVALID_ARGUMENT));
  });
}

class Subscription {
  readonly #node: StandIn;
  readonly #call: ReadCall;
  readonly #plan: Plan;
  #live = false;
  #sent = 0;
  #unlisten = (): void => undefined;

  constructor(node: StandIn, call: ReadCall, plan: Plan) {
    this.#node = node;
    this.#call = call;
    this.#plan = plan;
  }

  begin(): void {
    this.#call.on('drain', this.#pump);
    this.#call.on('cancelled', this.#leave);
    this.#call.on('close', this.#leave);
    this.#unlisten = this.#node.onChange(this.#pump);
    this.#node.subscribers.add(this.#drop);
    this.#call.write(confirmationMessage());
    this.#pump();
  }

  readonly #leave = (): void => {
    this.#unlisten();
    this.#node.subscribers.delete(this.#drop);
  };

  readonly #drop = (how: 'slow' | 'end'): void => {
    this.#leave();
    if (how === 'end') {
      this.#call.end();
      return;
    }
    const text =
      'Operation timed out: Consumer too slow to handle event while live. Client resubscription required.';
    fail(this.#call, refusal(status.ABORTED, text));
  };

  readonly #pump = (): void => {
    const plan = this.#plan;
    const entries = plan.entries();
    if (!entries) {
      if (this.#node.traits.catchesUpOnMissing) this.#goLive(null);
      return;
    }
    if (this.#isBlocked()) {
      if (this.#live && entries.length - plan.next > this.#node.cluster.faults.liveBuffer) this.#fallBehind();
      return;
    }
    while (plan.next < entries.length && !this.#isBlocked()) {
      const entry = entries[plan.next] as Entry;
      plan.next += 1;
      if (plan.matches(entry)) this.#send(entry);
      if (plan.checkpointEvery > 0 && plan.next % plan.checkpointEvery === 0) {
        this.#call.write(checkpointMessage(entry.position));
      }
    }
    if (!this.#isBlocked()) this.#goLive(entries.at(-1) ?? null);
  };

  /** Whether the client reads more slowly than the server sends. */
  #isBlocked(): boolean {
    return this.#call.writableNeedDrain;
  }

  #fallBehind(): void {
    if (this.#node.traits.dropsSlow) this.#drop('slow');
    else this.#live = false;
  }

  #send(entry: Entry): void {
    this.#sent += 1;
    this.#node.cluster.faults.count('events sent');
    this.#call.write(eventMessage(entry));
  }

  #goLive(last: Entry | null): void {
    if (this.#live) return;
    this.#live = true;
    const { faults } = this.#node.cluster;
    if (this.#plan.checkpointEvery > 0 && last) {
      const isOfNothing = this.#plan.fromStart && this.#sent === 0 && last.index < this.#plan.checkpointEvery;
      const checkpoint = isOfNothing ? this.#node.traits.checkpointOfNothing : last.position;
      if (faults.wrongCheckpoints > 0) {
        faults.wrongCheckpoints -= 1;
        this.#call.write(checkpointMessage(this.#node.view().end, 0n));
      } else if (checkpoint !== null) this.#call.write(checkpointMessage(checkpoint));
    }
    this.#call.write(caughtUpMessage());
  }
}

function planStream(node: StandIn, options: Options): Plan {
  const from = options.getStream();
  const name = nameOf(from?.getStreamIdentifier());
  const readable = () => node.view().readable(name);
  const stream = readable();
  const fromStart = from?.hasStart() ?? false;
  const next = from?.hasEnd()
    ? (stream?.entries.length ?? 0)
    : fromStart
      ? 0
      : Number(from?.getRevision()) + 1;
  const matches = (entry: Entry): boolean => entry.revision >= (readable()?.truncateBefore ?? 0);
  return { next, entries: () => readable()?.entries ?? null, matches, checkpointEvery: 0, fromStart };
}

/** Returns the position itself if it is between two events. */
function planAll(node: StandIn, options: Options): Plan | bigint {
  const entries = (): readonly Entry[] => node.view().entries;
  const filter = options.getFilter();
  const window = filter?.hasMax() ? filter.getMax() : WINDOW;
  const checkpointEvery = filter ? filter.getCheckpointintervalmultiplier() * window : 0;
  const matches = matcher(filter);
  const position = options.getAll()?.getPosition();
  if (!position) {
    const fromStart = !options.getAll()?.hasEnd();
    return { entries, matches, checkpointEvery, fromStart, next: fromStart ? 0 : entries().length };
  }
  const at = BigInt(position.getCommitPosition());
  const index = indexAt(node.view(), at);
  if (index === null) return at;
  const isBeyond = index === entries().length;
  const next = isBeyond ? index : index + 1;
  if (!isBeyond || !node.traits.waitsBeyondEnd) {
    return { entries, matches, checkpointEvery, fromStart: false, next };
  }
  const isPassed = (entry: Entry): boolean => entry.position > at && matches(entry);
  return { entries, matches: isPassed, checkpointEvery: 0, fromStart: false, next };
}

function matcher(filter: streams.ReadReq.Options.FilterOptions | undefined): (entry: Entry) => boolean {
  if (!filter) return () => true;
  const on = filter.hasEventType() ? 'type' : 'stream';
  const expression = filter.getEventType() ?? filter.getStreamIdentifier();
  const prefixes = expression?.getPrefixList() ?? [];
  if (prefixes.length > 0) return (entry) => prefixes.some((prefix) => entry[on].startsWith(prefix));
  const regex = new RegExp(expression?.getRegex() ?? '');
  return (entry) => regex.test(entry[on]);
}
