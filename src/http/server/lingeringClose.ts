import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

/** How long a client may take to read the answer and close, in milliseconds. */
const MAX_LINGER_MS = 2_000;

/**
 * Drops what a connection still receives until the client closes it, then closes it. Closing at once
 * would reset the connection before the client has read the answer.
 */
export function dropUntilClosed(socket: Duplex): void {
  socket.resume();
  const closing = setTimeout(() => socket.destroy(), MAX_LINGER_MS).unref();
  socket.once('close', () => {
    clearTimeout(closing);
  });
}

/** Closes the connection of a request in this way, once it is answered with `Connection: close`. */
export function lingerAfterAnswer(request: IncomingMessage): void {
  const { socket } = request;
  // Node's server calls it after the answer.
  socket.destroySoon = () => {
    request.resume();
    socket.end();
    dropUntilClosed(socket);
  };
}
