import { status } from '@grpc/grpc-js';
import type { ServerWritableStream } from '@grpc/grpc-js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { streamDeleted } from './append.ts';
import { refusal } from './faults.ts';
import type { Refusal } from './faults.ts';
import type { Entry, View } from './log.ts';
import { eventMessage, nameOf, notFoundMessage } from './messages.ts';
import type { StandIn } from './standIn.ts';
import { subscribe } from './subscription.ts';

export type ReadCall = ServerWritableStream<streams.ReadReq, streams.ReadResp>;
type Options = streams.ReadReq.Options;

/** One method serves readStream, readAll and both subscriptions; the request's options distinguish them. */
export function read(node: StandIn, call: ReadCall): void {
  const options = call.request.getOptions();
  if (!options) {
    fail(call, refusal(status.INVALID_ARGUMENT, 'No options'));
    return;
  }
  const method = options.hasSubscription() ? 'subscribe' : options.hasAll() ? 'readAll' : 'readStream';
  node.admit(method, call.metadata, (refused) => {
    if (refused) {
      fail(call, refused);
      return;
    }
    if (options.hasSubscription()) {
      subscribe(node, call, options);
      return;
    }
    if (Number(options.getCount()) === 0) {
      fail(call, refusal(status.INVALID_ARGUMENT, 'Count must be positive'));
      return;
    }
    void send(node, call, options);
  });
}

export function fail(call: ReadCall, error: Refusal): void {
  call.emit('error', error);
}

async function send(node: StandIn, call: ReadCall, options: Options): Promise<void> {
  const view = node.view();
  const found = options.hasAll() ? allEntries(view, options) : streamEntries(view, options);
  if ('code' in found) {
    fail(call, found);
    return;
  }
  if ('missing' in found) {
    // The client misses the message if the end of the call arrives with it.
    call.write(notFoundMessage(found.missing));
    setImmediate(() => call.end());
    return;
  }
  for (const entry of found.slice(0, Number(options.getCount()))) {
    if (call.cancelled || call.destroyed) return;
    node.cluster.faults.count('events sent');
    if (!call.write(eventMessage(entry))) await drained(call);
  }
  call.end();
}

/** Resolves when there is room again, or the client has gone. */
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

function streamEntries(view: View, options: Options): Entry[] | Refusal | { missing: string } {
  const from = options.getStream();
  const name = nameOf(from?.getStreamIdentifier());
  const stream = view.readable(name);
  if (!from || !stream) return { missing: name };
  if (stream.tombstoned) return streamDeleted(name);
  const left = stream.entries.slice(stream.truncateBefore);
  const revision = from.hasStart() ? 0 : from.hasEnd() ? Infinity : Number(from.getRevision());
  if (backwards(options)) return left.filter((e) => e.revision <= revision).reverse();
  return left.filter((e) => e.revision >= revision);
}

function allEntries(view: View, options: Options): readonly Entry[] | Refusal {
  const from = options.getAll();
  const position = from?.getPosition();
  if (!from || !position) {
    if (from?.hasStart()) return backwards(options) ? [] : view.entries;
    return backwards(options) ? view.entries.slice(-Number(options.getCount())).reverse() : [];
  }
  const at = BigInt(position.getCommitPosition());
  const index = indexAt(view, at);
  if (index === null || (backwards(options) && at > view.end)) return invalidPosition(at);
  return backwards(options) ? view.entries.slice(0, index).reverse() : view.entries.slice(index);
}

/** The index of the event at a position; the log's length if the position is beyond its end; null if it is between events. */
export function indexAt({ entries, end }: View, position: bigint): number | null {
  if (position >= end) return entries.length;
  let [low, high] = [0, entries.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((entries[middle] as Entry).position < position) low = middle + 1;
    else high = middle;
  }
  return entries[low]?.position === position ? low : null;
}

export const invalidPosition = (position: bigint, code = status.UNKNOWN): Refusal =>
  refusal(code, `Unexpected ReadAllResult: Error (position ${position.toString()})`);
