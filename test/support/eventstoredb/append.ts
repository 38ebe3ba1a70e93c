import { status } from '@grpc/grpc-js';
import type { ServerReadableStream, sendUnaryData } from '@grpc/grpc-js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { refusal } from './faults.ts';
import { MAX_APPEND_BYTES } from './log.ts';
import type { Expected, Outcome, Proposed } from './log.ts';
import { expectedOf, nameOf, proposedOf } from './messages.ts';
import type { StandIn } from './standIn.ts';

/** The unary Append: options, then one message per event. A wrong version is part of the normal answer. */
export function append(
  node: StandIn,
  call: ServerReadableStream<streams.AppendReq, streams.AppendResp>,
  answer: sendUnaryData<streams.AppendResp>,
): void {
  const { cluster } = node;
  if (call.metadata.get('authorization').length > 0) cluster.faults.count('authorized');
  // A call that is delayed across a reset still belongs to the log at its arrival.
  const { log, faults } = cluster;
  let stream = '';
  let expected: Expected = 'any';
  const events: Proposed[] = [];
  call.on('data', (request: streams.AppendReq) => {
    const [options, message] = [request.getOptions(), request.getProposedMessage()];
    if (message) events.push(proposedOf(message));
    if (!options) return;
    stream = nameOf(options.getStreamIdentifier());
    expected = expectedOf(options, options.getRevision());
  });
  call.on('end', () => {
    node.admit('append', call.metadata, (refused) => {
      if (refused) {
        answer(refused);
        return;
      }
      const seen = faults.forgets() ? events.map((e) => ({ ...e, id: crypto.randomUUID() })) : events;
      cluster.append({ stream, expected, events: seen, log }, (outcome) => {
        if (outcome.kind === 'written' && !faults.committed()) return;
        reply(outcome, stream, answer);
      });
    });
  });
}

function reply(outcome: Outcome, stream: string, answer: sendUnaryData<streams.AppendResp>): void {
  switch (outcome.kind) {
    case 'written':
      answer(null, new streams.AppendResp().setSuccess(success(outcome.revision, outcome.position)));
      return;
    case 'wrong version':
      answer(
        null,
        new streams.AppendResp().setWrongExpectedVersion(wrongVersion(outcome.expected, outcome.current)),
      );
      return;
    case 'deleted':
      answer(streamDeleted(stream));
      return;
    case 'too big': {
      const trailers = {
        exception: 'maximum-append-size-exceeded',
        'maximum-append-size': String(MAX_APPEND_BYTES),
      };
      answer(refusal(status.INVALID_ARGUMENT, 'Maximum Append Size Exceeded', trailers));
      return;
    }
    case 'corrupt':
      answer(refusal(status.UNKNOWN, 'Unexpected write result: CorruptedIdempotency'));
  }
}

export const streamDeleted = (stream: string): ReturnType<typeof refusal> =>
  refusal(status.FAILED_PRECONDITION, `Event stream '${stream}' is deleted.`, {
    exception: 'stream-deleted',
    'stream-name': stream,
  });

function success(revision: number, at: bigint | null): streams.AppendResp.Success {
  const message = new streams.AppendResp.Success().setCurrentRevision(String(revision));
  if (at === null) return message.setNoPosition(new shared.Empty());
  const position = new streams.AppendResp.Position();
  position.setCommitPosition(String(at));
  position.setPreparePosition(String(at));
  return message.setPosition(position);
}

function wrongVersion(expected: Expected, current: number): streams.AppendResp.WrongExpectedVersion {
  const message = new streams.AppendResp.WrongExpectedVersion();
  if (current < 0) message.setCurrentNoStream(new shared.Empty());
  else message.setCurrentRevision(String(current));
  if (expected === 'any') return message.setExpectedAny(new shared.Empty());
  if (expected === 'no_stream') return message.setExpectedNoStream(new shared.Empty());
  if (expected === 'stream_exists') return message.setExpectedStreamExists(new shared.Empty());
  return message.setExpectedRevision(String(expected));
}
