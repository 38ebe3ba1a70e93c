import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** How long requests in progress may take when the server stops, in milliseconds. */
const MAX_DRAIN_MS = 10_000;
/** How often newly idle connections are closed meanwhile. */
const POLL_MS = 20;

/**
 * Returns a function that stops the server: it accepts no more connections, closes those without a request in
 * progress, and resolves when the last request is answered, or after ten seconds.
 */
export function drainOf(server: Server): () => Promise<void> {
  const connections = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });

  function closeIdle(): void {
    server.closeIdleConnections();
    // Browsers and fetch connect ahead of requests. To Node, such a connection is not idle.
    for (const socket of connections) if (socket.bytesRead === 0) socket.destroy();
  }

  return () =>
    new Promise((resolve) => {
      const giveUp = setTimeout(() => {
        server.closeAllConnections();
      }, MAX_DRAIN_MS);
      // A connection whose last answer was sent after the signal would be kept alive for seconds.
      const tidy = setInterval(closeIdle, POLL_MS);
      server.close(() => {
        clearTimeout(giveUp);
        clearInterval(tidy);
        resolve();
      });
      closeIdle();
    });
}
