import type { EventData } from '@eventstore/db-client';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import empty from 'google-protobuf/google/protobuf/empty_pb.js';
import { NO_REVISION } from '../../../eventStore.ts';

/** An append as a message of EventStoreDB's protocol. */
export interface AppendRequest {
  /** The answer repeats it. */
  id: string;
  message: streams.BatchAppendReq;
  /** Size of data and metadata together. */
  bytes: number;
}

/** The whole append as one message, without a deadline: the server would compare that with its own clock. */
export function appendRequest(id: string, { stream, expected, data }: AppendOrder): AppendRequest {
  const options = new streams.BatchAppendReq.Options();
  const name = new shared.StreamIdentifier();
  name.setStreamName(Buffer.from(stream));
  options.setStreamIdentifier(name);
  if (expected === NO_REVISION) options.setNoStream(new empty.Empty());
  else options.setStreamPosition(String(expected));

  const message = new streams.BatchAppendReq();
  message.setCorrelationId(new shared.UUID().setString(id));
  message.setOptions(options);
  message.setIsFinal(true);
  let bytes = 0;
  for (const event of data) {
    const [body, metadata] = [bytesOf(event.data), bytesOf(event.metadata)];
    bytes += body.length + metadata.length;
    const proposed = new streams.BatchAppendReq.ProposedMessage();
    proposed.setId(new shared.UUID().setString(event.id));
    proposed.getMetadataMap().set('type', event.type);
    proposed.getMetadataMap().set('content-type', event.contentType);
    proposed.setData(body);
    proposed.setCustomMetadata(metadata);
    message.addProposedMessages(proposed);
  }
  return { id, message, bytes };
}

/** The id of the append that an answer belongs to; servers send it as text or as two numbers. */
export function nameIn(answer: streams.BatchAppendResp): string {
  const id = answer.getCorrelationId();
  const bits = id?.getStructured();
  if (!bits) return id?.getString() ?? '';
  const { mostSignificantBits, leastSignificantBits } = bits.toObject();
  const hex = [mostSignificantBits, leastSignificantBits]
    .map((half) => BigInt.asUintN(64, BigInt(half)).toString(16).padStart(16, '0'))
    .join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

const bytesOf = (part: EventData['data'] | EventData['metadata'] = {}): Buffer =>
  part instanceof Uint8Array ? Buffer.from(part) : Buffer.from(JSON.stringify(part));

export interface AppendOrder {
  stream: string;
  /** The expected revision of the stream; -1: no stream. */
  expected: number;
  data: readonly EventData[];
}
