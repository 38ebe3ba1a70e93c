import { status } from '@grpc/grpc-js';
import type { ServerWritableStream } from '@grpc/grpc-js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { streamDeleted } from './append.ts';
import { refusal } from './faults.ts';
import type { Refusal } from './faults.ts';
import type { Entry, Log } from './log.ts';
import { eventMessage, nameOf, notFoundMessage } from './messages.ts';
import type { StandIn } from './standIn.ts';
import { subscribe } from './subscription.ts';

export type ReadCall = ServerWritableStream<streams.ReadReq, streams.ReadResp>;
type Options = streams.ReadReq.Options;

/** One method serves readStream, readAll and both subscriptions; the request's options tell them apart. */
export function read(standIn: StandIn, call: ReadCall): void {
  const options = call.request.getOptions();
  if (!options) {
    fail(call, refusal(status.INVALID_ARGUMENT, 'No options'));
    return;
  }
  const method = options.hasSubscription() ? 'subscribe' : options.hasAll() ? 'readAll' : 'readStream';
  standIn.faults.admit(method, (refused) => {
    if (refused) {
      fail(call, refused);
      return;
    }
    if (options.hasSubscription()) {
      subscribe(standIn, call, options);
      return;
    }
    if (Number(options.getCount()) === 0) {
      fail(call, refusal(status.INVALID_ARGUMENT, 'Count must be positive'));
      return;
    }
    void send(call, options, standIn.log);
  });
}

export function fail(call: ReadCall, error: Refusal): void {
  call.emit('error', error);
}

async function send(call: ReadCall, options: Options, log: Log): Promise<void> {
  const found = options.hasAll() ? allEntries(log, options) : streamEntries(log, options);
  if ('code' in found) {
    fail(call, found);
    return;
  }
  if ('missing' in found) {
    // The client misses the message when the end of the call comes with it.
    call.write(notFoundMessage(found.missing));
    setImmediate(() => call.end());
    return;
  }
  for (const entry of found.slice(0, Number(options.getCount()))) {
    if (call.cancelled || call.destroyed) return;
    if (!call.write(eventMessage(entry))) await drained(call);
  }
  call.end();
}

/** Resolves when there is room again, or nobody left to send to. */
async function drained(call: ReadCall): Promise<void> {
  await new Promise<void>((resolve) => {
    const go = (): void => {
      for (const event of ['drain', 'cancelled', 'close']) call.off(event, go);
      resolve();
    };
    for (const event of ['drain', 'cancelled', 'close']) call.on(event, go);
  });
}

const backwards = (options: Options): boolean =>
  options.getReadDirection() === streams.ReadReq.Options.ReadDirection.BACKWARDS;

function streamEntries(log: Log, options: Options): Entry[] | Refusal | { missing: string } {
  const from = options.getStream();
  const name = nameOf(from?.getStreamIdentifier());
  const stream = log.readable(name);
  if (!from || !stream) return { missing: name };
  if (stream.tombstoned) return streamDeleted(name);
  const left = stream.entries.slice(stream.truncateBefore);
  const revision = from.hasStart() ? 0 : from.hasEnd() ? Infinity : Number(from.getRevision());
  if (backwards(options)) return left.filter((e) => e.revision <= revision).reverse();
  return left.filter((e) => e.revision >= revision);
}

function allEntries(log: Log, options: Options): Entry[] | Refusal {
  const from = options.getAll();
  const position = from?.getPosition();
  if (!from || !position) {
    if (from?.hasStart()) return backwards(options) ? [] : log.entries;
    return backwards(options) ? log.entries.toReversed() : [];
  }
  const at = BigInt(position.getCommitPosition());
  const index = indexAt(log, at);
  if (index === null) return invalidPosition(at);
  return backwards(options) ? log.entries.slice(0, index).reverse() : log.entries.slice(index);
}

/** The index of the event at a position, the log's length for one beyond its end, null for one between events. */
export function indexAt(log: Log, position: bigint): number | null {
  if (position >= log.end) return log.entries.length;
  const index = log.entries.findIndex((e) => e.position >= position);
  return log.entries[index]?.position === position ? index : null;
}

export const invalidPosition = (position: bigint): Refusal =>
  refusal(status.UNKNOWN, `Unexpected ReadAllResult: Error (position ${position.toString()})`);
