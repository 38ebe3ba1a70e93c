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

/** Where to begin, what to leave out, and after how many considered events a checkpoint comes (0: never). */
interface Plan {
  next: number;
  /** What to go through: it grows while the subscription lives; none yet for a stream that is not there. */
  entries: () => readonly Entry[] | null;
  matches: (entry: Entry) => boolean;
  checkpointEvery: number;
}

/** Sends what is there, a checkpoint, "caught up", then what comes, as fast as the client reads. */
export function subscribe(standIn: StandIn, call: ReadCall, options: Options): void {
  const plan = options.hasAll() ? planAll(standIn, options) : planStream(standIn, options);
  if (typeof plan === 'bigint') {
    fail(call, invalidPosition(plan));
    return;
  }
  let live = false;
  /** Whether the client does not read as fast as it is sent to. */
  const blocked = (): boolean => call.writableNeedDrain;
  const send = (message: streams.ReadResp): void => {
    call.write(message);
  };
  const leave = (): void => {
    unlisten();
    standIn.subscribers.delete(drop);
  };
  const drop = (how: 'slow' | 'end'): void => {
    leave();
    if (how === 'end') call.end();
    else
      fail(
        call,
        refusal(
          status.ABORTED,
          'Operation timed out: Consumer too slow to handle event while live. Client resubscription required.',
        ),
      );
  };
  const pump = (): void => {
    const entries = plan.entries();
    if (!entries) return;
    if (blocked()) {
      if (live && entries.length - plan.next > standIn.faults.liveBuffer) drop('slow');
      return;
    }
    while (plan.next < entries.length && !blocked()) {
      const entry = entries[plan.next] as Entry;
      plan.next += 1;
      if (plan.matches(entry)) send(eventMessage(entry));
      if (plan.checkpointEvery > 0 && plan.next % plan.checkpointEvery === 0)
        send(checkpointMessage(entry.position));
    }
    if (live || blocked() || plan.next > entries.length) return;
    live = true;
    const last = entries.at(-1);
    if (plan.checkpointEvery > 0 && last) send(checkpointMessage(last.position));
    send(caughtUpMessage());
  };
  call.on('drain', () => {
    pump();
  });
  call.on('cancelled', leave);
  call.on('close', leave);
  const unlisten = standIn.log.onChange(pump);
  standIn.subscribers.add(drop);
  send(confirmationMessage());
  pump();
}

function planStream({ log }: StandIn, options: Options): Plan {
  const from = options.getStream();
  const name = nameOf(from?.getStreamIdentifier());
  const stream = log.readable(name);
  const next = from?.hasEnd()
    ? (stream?.entries.length ?? 0)
    : from?.hasStart()
      ? 0
      : Number(from?.getRevision()) + 1;
  const matches = (entry: Entry): boolean => entry.revision >= (log.readable(name)?.truncateBefore ?? 0);
  return { next, entries: () => log.readable(name)?.entries ?? null, matches, checkpointEvery: 0 };
}

/** The position itself where it falls between two events. */
function planAll({ log }: StandIn, options: Options): Plan | bigint {
  const entries = (): readonly Entry[] => log.entries;
  const filter = options.getFilter();
  const window = filter?.hasMax() ? filter.getMax() : WINDOW;
  const checkpointEvery = filter ? filter.getCheckpointintervalmultiplier() * window : 0;
  const plan = { entries, matches: matcher(filter), checkpointEvery };
  const position = options.getAll()?.getPosition();
  if (!position) return { ...plan, next: options.getAll()?.hasEnd() ? log.entries.length : 0 };
  const at = BigInt(position.getCommitPosition());
  // Beyond the end, the real server waits without a word, also for what comes before that position.
  if (at >= log.end) return { ...plan, next: Infinity };
  const index = indexAt(log, at);
  return index === null ? at : { ...plan, next: index + 1 };
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
