import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** Concurrent safe requests per connection. */
const MAX_RUNNING = 16;
/**
 * Requests of one connection that may wait; a client that sends more without reading is
 * disconnected.
 */
const MAX_WAITING = 100;

/** The requests of a connection, in order of arrival. */
export interface Pipeline {
  /**
   * Answers a request once the earlier ones on its connection allow it: nothing runs next to a
   * request that may change something (RFC 9112, section 9.3.2).
   */
  answer: RequestListener;
  /**
   * Calls `refuse` when everything earlier on the connection is answered; disconnects if an answer
   * is half sent.
   */
  refuse(socket: Duplex, refuse: () => void): void;
}

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
}

interface Line {
  running: number;
  /** Whether the running one may change something. */
  isUnsafe: boolean;
  last: Exchange | null;
  waiting: Exchange[];
  refuse: (() => void) | null;
}

export function inOrder(answer: RequestListener): Pipeline {
  const lines = new WeakMap<Duplex, Line>();

  function lineOf(socket: Duplex): Line {
    let line = lines.get(socket);
    if (!line) lines.set(socket, (line = newLine()));
    return line;
  }

  function begin(line: Line, { request, response }: Exchange): void {
    line.running += 1;
    line.isUnsafe = !isSafe(request);
    const { socket } = request;
    response.once('close', () => {
      line.running -= 1;
      proceed(line, socket);
    });
    answer(request, response);
  }

  function proceed(line: Line, socket: Duplex): void {
    // The previous answer closes the connection, so later requests are not processed.
    if (socket.writableEnded || socket.destroyed) return;
    for (let [next] = line.waiting; next && mayBegin(line, next.request); [next] = line.waiting) {
      line.waiting.shift();
      begin(line, next);
    }
    if (line.running === 0) line.refuse?.();
  }

  return {
    answer(request, response) {
      if (request.socket.writableEnded) {
        // It came after the answer that closes the connection, while the client may still send.
        request.resume();
        return;
      }
      const line = lineOf(request.socket);
      line.last = { request, response };
      if (line.waiting.length === 0 && mayBegin(line, request)) begin(line, line.last);
      else if (line.waiting.length < MAX_WAITING) line.waiting.push(line.last);
      else request.socket.destroy();
    },
    refuse(socket, refuse) {
      const line = lineOf(socket);
      if (line.running === 0) refuse();
      else if (line.last?.request.complete === true) line.refuse = refuse;
      // The rest of this request will never arrive.
      else if (line.running === 1 && line.last?.response.headersSent === false) refuse();
      else socket.destroy();
    },
  };
}

const newLine = (): Line => ({ running: 0, isUnsafe: false, last: null, waiting: [], refuse: null });

const mayBegin = ({ running, isUnsafe }: Line, request: IncomingMessage): boolean =>
  running === 0 || (!isUnsafe && running < MAX_RUNNING && isSafe(request));

const isSafe = ({ method }: IncomingMessage): boolean =>
  method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
