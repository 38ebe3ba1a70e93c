import { EventEmitter } from 'node:events';
import type { EventStoreDBClient } from '@eventstore/db-client';
import status from '@eventstore/db-client/generated/status_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { createAppendStream } from '../../src/events/stores/eventstoredb/calls/appendStream.ts';

/** A call that records what it is sent, and answers on demand. */
class Call extends EventEmitter {
  readonly sent: streams.BatchAppendReq[] = [];
  readonly #isPrompt: boolean;
  /** `isPrompt`: it answers everything soon. */
  constructor(isPrompt: boolean) {
    super();
    this.#isPrompt = isPrompt;
  }
  write(message: streams.BatchAppendReq): boolean {
    const index = this.sent.push(message) - 1;
    if (this.#isPrompt)
      setImmediate(() => {
        this.answer(index);
      });
    return true;
  }
  answer(index: number): void {
    const success = new streams.BatchAppendResp.Success().setCurrentRevision('0');
    this.#emit(index, new streams.BatchAppendResp().setSuccess(success));
  }
  refuse(index: number): void {
    this.#emit(index, new streams.BatchAppendResp().setError(new status.Status().setMessage('refused')));
  }
  #emit(index: number, answer: streams.BatchAppendResp): void {
    this.emit('data', answer.setCorrelationId(this.sent[index]?.getCorrelationId()));
  }
  cancel(): void {
    this.emit('error', Object.assign(new Error('cancelled'), { code: 1 }));
  }
}

/** An append stream over such calls. */
export function overCalls({ isPrompt = false, connected = Promise.resolve() } = {}) {
  const calls: Call[] = [];
  const connect = (): object => ({ batchAppend: () => calls[calls.push(new Call(isPrompt)) - 1] });
  let connection = connect();
  const client = {
    getGRPCClient: async () => {
      await connected;
      return connection;
    },
    callArguments: () => [],
    handleError: async () => undefined,
  } as unknown as EventStoreDBClient;
  const reconnect = (): void => {
    connection = connect();
  };
  return { calls, client, reconnect, appends: createAppendStream(client) };
}

/** Until every promise that can settle has settled. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
