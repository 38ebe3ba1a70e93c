import { randomUUID } from 'node:crypto';
import type { EventStoreDBClient } from '@eventstore/db-client';
import { unpackToCommandError } from '@eventstore/db-client/dist/streams/appendToStream/unpackError.js';
import { convertToCommandError, UnknownError } from '@eventstore/db-client/dist/utils/index.js';
import streamsService from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type { BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import { InFlight } from '../../../../platform/concurrency/inFlight.ts';
import { afterFailure, NotSentError, StreamLostError } from './failures.ts';
import { appendRequest, nameIn, type AppendOrder, type AppendRequest } from './appendMessages.ts';
import { WaitingAppend, type Series, type Stored } from './waitingAppend.ts';

/** Appends over one shared call per connection (BatchAppend). */
export interface AppendStream {
  /**
   * Resolves with what was stored; null if the server has no BatchAppend or the append is too large to share a call, and
   * nothing was sent. Rejects within `ms` with SilenceError, with NotSentError where the server cannot have got the append, with
   * StreamLostError where its outcome is unknown, or with what the server answered, as the client's own errors.
   */
  append(order: AppendOrder, ms: number): Promise<Stored | null>;
  /** A series over the present connection; null if its server is known not to have BatchAppend. Rejects with the client's errors. */
  openSeries(): Promise<AppendSeries | null>;
  /** Ends the call. What still waits for an answer rejects. */
  close(): void;
}

/** Appends that are sent in the order of these calls, and none after the first that failed. */
export interface AppendSeries {
  /**
   * See AppendStream.append; null, and nothing was sent, if the append is too large to share a call, or the call has ended
   * after all earlier ones were answered.
   */
  append(order: AppendOrder, ms: number): Promise<Stored> | null;
}

/** Sent and not yet answered, in bytes; a larger append takes a call of its own. The server refuses appends above this by default. */
const MAX_UNANSWERED_BYTES = 1024 * 1024;
/** gRPC's code for a method that the server does not have. */
const UNIMPLEMENTED = 12;

type Grpc = InstanceType<typeof streamsService.StreamsClient>;
type Call = ReturnType<Grpc['batchAppend']>;

/** Members of the client that are protected in its types, and as they are in 6.2.1, the last release. */
interface Internals {
  getGRPCClient(Client: typeof streamsService.StreamsClient, name: string): Promise<Grpc>;
  callArguments(
    options: { requiresLeader: boolean },
    call: { deadline: number },
  ): Parameters<Grpc['batchAppend']>;
  handleError(grpc: Grpc, error: Error): Promise<void>;
}

interface Unsent {
  waiting: WaitingAppend;
  request: AppendRequest;
}

/**
 * Appends on one call that stays open, as the client's default path does, for half the processor time of a call each. Unlike
 * the client's: each append has a deadline, the table of waiting appends belongs to this object, a call that dies rejects
 * every append that waits on it, only a leader may answer, and the bytes on the way are bounded.
 * The call belongs to the client's present connection; after a loss the next append opens another one.
 */
export function createAppendStream(client: EventStoreDBClient): AppendStream {
  const internals = client as unknown as Internals;
  const withoutBatch = new WeakSet<Grpc>();
  let open: OpenCall | null = null;
  let isClosed = false;

  async function callFor(): Promise<OpenCall | null> {
    const grpc = await internals.getGRPCClient(streamsService.StreamsClient, 'batchAppend');
    if (isClosed) throw new NotSentError('the event store is closed');
    if (withoutBatch.has(grpc)) return null;
    if (open?.grpc === grpc && !open.isOver) return open;
    const call = grpc.batchAppend(
      ...internals.callArguments({ requiresLeader: true }, { deadline: Infinity }),
    );
    open = new OpenCall(grpc, call, (error) => {
      if ((error as { code?: number }).code === UNIMPLEMENTED) withoutBatch.add(grpc);
      void internals.handleError(grpc, error);
    });
    return open;
  }

  /** Unless its time is up before there is a connection. */
  async function sendWithin(waiting: WaitingAppend, request: AppendRequest): Promise<void> {
    try {
      const call = await callFor();
      if (!call) waiting.settle(null);
      else if (!waiting.isOver) call.send({ waiting, request });
    } catch (error) {
      waiting.settle(error as Error);
    }
  }

  return {
    async append(order, ms) {
      const request = appendRequest(randomUUID(), order);
      if (request.bytes > MAX_UNANSWERED_BYTES) return null;
      const waiting = new WaitingAppend(request.id, order.stream, null, ms);
      void sendWithin(waiting, request);
      try {
        return await waiting.answer;
      } catch (error) {
        await afterFailure();
        throw error;
      }
    },
    async openSeries() {
      const call = await callFor();
      return call && seriesOver(call);
    },
    close() {
      isClosed = true;
      open?.cancel();
    },
  };
}

function seriesOver(call: OpenCall): AppendSeries {
  const series: Series = { hasFailed: false };
  return {
    append(order, ms) {
      const request = appendRequest(randomUUID(), order);
      if (request.bytes > MAX_UNANSWERED_BYTES || (call.isOver && !series.hasFailed)) return null;
      if (series.hasFailed) return Promise.reject(earlierFailed());
      const waiting = new WaitingAppend(request.id, order.stream, series, ms);
      call.send({ waiting, request });
      return waiting.answer.then((stored) => {
        if (stored === null) throw new NotSentError('the server has no BatchAppend');
        return stored;
      });
    },
  };
}

/** One BatchAppend call and what waits on it. */
class OpenCall {
  readonly grpc: Grpc;
  isOver = false;
  readonly #call: Call;
  readonly #waiting = new InFlight<WaitingAppend>();
  /** The first of those that wait for room, in the order in which they came. */
  #unsent: Unsent[] = [];
  #unansweredBytes = 0;

  constructor(grpc: Grpc, call: Call, onEnd: (error: Error) => void) {
    this.grpc = grpc;
    this.#call = call;
    const end = (error: Error): void => {
      if (this.isOver) return;
      this.isOver = true;
      this.#rejectAll(error);
      onEnd(error);
    };
    call.on('data', (answer: BatchAppendResp) => {
      this.#answered(answer);
    });
    call.on('error', end);
    call.on('end', () => {
      end(Object.assign(new Error('the server ended the call'), { code: 1 }));
    });
  }

  send(unsent: Unsent): void {
    const { waiting, request } = unsent;
    const flight = this.#waiting.add(waiting);
    waiting.onOver = () => {
      this.#waiting.remove(flight);
      if (waiting.isSent) this.#unansweredBytes -= request.bytes;
      this.#sendWhatFits();
    };
    this.#unsent.push(unsent);
    this.#sendWhatFits();
  }

  cancel(): void {
    this.#call.cancel();
  }

  #sendWhatFits(): void {
    if (this.isOver) return;
    let sent = 0;
    const refused: WaitingAppend[] = [];
    for (const { waiting, request } of this.#unsent) {
      if (waiting.series?.hasFailed) refused.push(waiting);
      else if (!waiting.isOver) {
        const isFull =
          this.#unansweredBytes > 0 && this.#unansweredBytes + request.bytes > MAX_UNANSWERED_BYTES;
        if (isFull) break;
        waiting.isSent = true;
        this.#unansweredBytes += request.bytes;
        this.#call.write(request.message);
      }
      sent += 1;
    }
    this.#unsent = this.#unsent.slice(sent);
    for (const one of refused) one.settle(earlierFailed());
  }

  #answered(answer: BatchAppendResp): void {
    // One that was given up has nobody waiting any more.
    const name = nameIn(answer);
    const waiting = this.#waiting.find(({ id }) => id === name)?.item;
    if (!waiting) return;
    const status = answer.getError();
    if (status) {
      const error = status.getDetails()
        ? unpackToCommandError(status, waiting.stream)
        : new UnknownError(undefined, status.getMessage());
      waiting.settle(error);
      return;
    }
    const success = answer.getSuccess();
    const position = success?.getPosition();
    waiting.settle({
      revision: Number(success?.getCurrentRevision()),
      position: position ? BigInt(position.getCommitPosition()) : null,
    });
  }

  #rejectAll(error: Error): void {
    this.#unsent = [];
    const isUnsupported = (error as { code?: number }).code === UNIMPLEMENTED;
    for (const one of this.#waiting.takeAll()) {
      if (isUnsupported) one.settle(null);
      else if (one.isSent) one.settle(new StreamLostError(convertToCommandError(error)));
      else one.settle(new NotSentError('the connection was lost before the append was sent'));
    }
  }
}

const earlierFailed = (): NotSentError => new NotSentError('an earlier append of the series failed');
