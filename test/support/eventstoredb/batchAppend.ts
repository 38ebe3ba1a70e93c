import { status, type ServerDuplexStream } from '@grpc/grpc-js';
import code from '@eventstore/db-client/generated/code_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import statusMessages from '@eventstore/db-client/generated/status_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import any from 'google-protobuf/google/protobuf/any_pb.js';
import empty from 'google-protobuf/google/protobuf/empty_pb.js';
import type { Refusal } from './faults.ts';
import { MAX_APPEND_BYTES } from './log.ts';
import type { Expected, Outcome, Proposed } from './log.ts';
import { expectedOf, identifierOf, nameOf, proposedOf } from './messages.ts';
import type { StandIn } from './standIn.ts';

type Call = ServerDuplexStream<streams.BatchAppendReq, streams.BatchAppendResp>;

interface Pending {
  stream: string;
  expected: Expected;
  events: Proposed[];
}

/** The shared append stream: correlation ids match answers to requests; failures are a status with a typed detail. */
export function batchAppend(node: StandIn, call: Call): void {
  const { cluster } = node;
  const { log, faults } = cluster;
  const pending = new Map<string, Pending>();
  call.on('data', (request: streams.BatchAppendReq) => {
    const id = request.getCorrelationId()?.getString() ?? '';
    const options = request.getOptions();
    if (options) {
      const expected = expectedOf(options, options.getStreamPosition());
      pending.set(id, { stream: nameOf(options.getStreamIdentifier()), expected, events: [] });
    }
    const append = pending.get(id);
    if (!append) return;
    append.events.push(...request.getProposedMessagesList().map(proposedOf));
    if (!request.getIsFinal()) return;
    pending.delete(id);
    node.admit('batchAppend', call.metadata, (refused) => {
      const response = new streams.BatchAppendResp();
      response.setCorrelationId(request.getCorrelationId());
      response.setStreamIdentifier(identifierOf(append.stream));
      if (refused) {
        const answer = refusalOf(refused);
        // A node that is not the leader ends the whole call, whatever else is pending on it; so does one without the method.
        if (answer) call.write(response.setError(answer));
        else call.emit('error', refused);
        return;
      }
      cluster.append({ ...append, log }, (outcome) => {
        if (outcome.kind === 'written' && !faults.committed()) return;
        if (fill(response, outcome, append.stream)) call.write(response);
      });
    });
  });
  call.on('end', () => {
    call.end();
  });
}

/** The refusal of a single append; null if the call as a whole is refused. */
function refusalOf({ code: refusedWith, details }: Refusal): statusMessages.Status | null {
  switch (refusedWith) {
    case status.PERMISSION_DENIED:
      return failure(code.Code.PERMISSION_DENIED, details, new shared.AccessDenied(), 'AccessDenied');
    case status.UNAVAILABLE:
      return failure(code.Code.UNAVAILABLE, details, new empty.Empty(), 'Empty');
    default:
      return null;
  }
}

/** False if the real server would never answer. */
function fill(response: streams.BatchAppendResp, outcome: Outcome, stream: string): boolean {
  switch (outcome.kind) {
    case 'written':
      response.setSuccess(success(outcome.revision, outcome.position));
      return true;
    case 'wrong version': {
      const detail = wrongVersion(outcome.expected, outcome.current);
      response.setError(
        failure(code.Code.FAILED_PRECONDITION, 'WrongExpectedVersion', detail, 'WrongExpectedVersion'),
      );
      return true;
    }
    case 'deleted': {
      const detail = new shared.StreamDeleted().setStreamIdentifier(identifierOf(stream));
      response.setError(failure(code.Code.FAILED_PRECONDITION, 'StreamDeleted', detail, 'StreamDeleted'));
      return true;
    }
    case 'too big': {
      const detail = new shared.MaximumAppendSizeExceeded().setMaxappendsize(MAX_APPEND_BYTES);
      const name = 'MaximumAppendSizeExceeded';
      response.setError(failure(code.Code.INVALID_ARGUMENT, name, detail, name));
      return true;
    }
    case 'corrupt':
      return false;
  }
}

function success(revision: number, at: bigint | null): streams.BatchAppendResp.Success {
  const message = new streams.BatchAppendResp.Success().setCurrentRevision(String(revision));
  if (at === null) return message.setNoPosition(new empty.Empty());
  const position = new shared.AllStreamPosition();
  position.setCommitPosition(String(at));
  position.setPreparePosition(String(at));
  return message.setPosition(position);
}

function wrongVersion(expected: Expected, current: number): shared.WrongExpectedVersion {
  const message = new shared.WrongExpectedVersion();
  if (current < 0) message.setCurrentNoStream(new empty.Empty());
  else message.setCurrentStreamRevision(String(current));
  if (expected === 'any') return message.setExpectedAny(new empty.Empty());
  if (expected === 'no_stream') return message.setExpectedNoStream(new empty.Empty());
  if (expected === 'stream_exists') return message.setExpectedStreamExists(new empty.Empty());
  return message.setExpectedStreamPosition(String(expected));
}

function failure(
  value: code.Code,
  message: string,
  detail: { serializeBinary(): Uint8Array },
  type: string,
): statusMessages.Status {
  const packed = new any.Any();
  packed.pack(detail.serializeBinary(), `event_store.client.${type}`);
  const failed = new statusMessages.Status();
  failed.setCode(value);
  failed.setMessage(message);
  failed.setDetails(packed);
  return failed;
}
