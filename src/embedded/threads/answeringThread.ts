import type { ResourceLimits } from 'node:worker_threads';
import { InFlight } from '../../platform/concurrency/inFlight.ts';
import { reasonOf } from '../../platform/padronError.ts';
import { ReadModelError } from '../../projections/record/readModelError.ts';
import { runThread, type ThreadName } from './workerThread.ts';

/** An order or answer as it is sent: an answer has the id of its order. */
export type Numbered<Message> = Message & { id: number };

/** A thread that answers orders. */
export interface AnsweringThread<Order, Answer> {
  /**
   * The answer to an order; answers with `progress` come before it. Rejects with ReadModelError if the
   * thread ends first, or could not be started.
   */
  ask(order: Order, onProgress?: (answer: Answer) => void): Promise<Answer>;
  /** Sends an order that has no answer. */
  tell(order: Order): void;
  hasEnded(): boolean;
  /** Ends it, and resolves when it has ended. */
  stop(): Promise<void>;
}

interface Asked<Answer> {
  id: number;
  resolve(answer: Answer): void;
  reject(error: Error): void;
  onProgress(answer: Answer): void;
}

/** Starts a thread. Errors name it by `of`, such as "rolls". */
export function startAnsweringThread<Order extends object, Answer extends object>(
  name: ThreadName,
  { of, task, memory }: { of: string; task: unknown; memory?: ResourceLimits },
): AnsweringThread<Order, Answer> {
  const stopping = new AbortController();
  const asked = new InFlight<Asked<Answer>>();
  let send: (order: object) => void = () => undefined;
  let lastId = 0;
  let failure: Error | null = null;

  function receive(answer: Numbered<Answer>): void {
    const asker = asked.find(({ id }) => id === answer.id);
    if (!asker) return;
    if ('progress' in answer) asker.item.onProgress(answer);
    else {
      asked.remove(asker);
      asker.item.resolve(answer);
    }
  }

  const ended = runThread(name, {
    task,
    signal: stopping.signal,
    ...(memory ? { memory } : {}),
    onStart: (post) => {
      send = post;
    },
    onMessage: (message) => {
      receive(message as Numbered<Answer>);
    },
  }).then((death) => {
    failure = new ReadModelError(`the thread of ${of} ended: ${death ? reasonOf(death) : 'no error'}`);
    for (const { reject } of asked.takeAll()) reject(failure);
  });

  return {
    ask: (order, onProgress = () => undefined) =>
      new Promise((resolve, reject) => {
        if (failure) {
          reject(failure);
          return;
        }
        lastId += 1;
        asked.add({ id: lastId, resolve, reject, onProgress });
        send({ ...order, id: lastId });
      }),
    tell(order) {
      send(order);
    },
    hasEnded: () => failure !== null,
    async stop() {
      stopping.abort();
      await ended;
    },
  };
}
