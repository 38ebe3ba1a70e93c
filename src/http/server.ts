import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LeanResponse } from './leanResponse.ts';
import { openTurn } from './turn.ts';
import { answerUnparsed } from './unparsed.ts';

/** How long requests under way may take to end when the server stops, in milliseconds. */
const DRAIN_MS = 10_000;
/** How often connections that have become idle are closed meanwhile. */
const CLOSE_IDLE_MS = 20;

/** An open port. What answers on it may change while it is open. */
export interface HttpServer {
  /** Where it listens. */
  url: string;
  /** From now on requests are answered by this. */
  answerWith(answer: RequestListener): void;
  /** Takes no more connections; ends when the last request under way is answered, or after ten seconds. */
  stop(): Promise<void>;
}

/** Listens at once. Rejects with the system's error when the port is taken. */
export async function listen(
  { host, port }: { host: string; port: number },
  first: RequestListener,
): Promise<HttpServer> {
  let answer = first;
  let stopping = false;
  const server = createServer({ ServerResponse: LeanResponse }, (request, response) => {
    openTurn();
    if (stopping) response.setHeader('connection', 'close');
    answer(request, response);
  });
  answerUnparsed(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return {
    url: urlOf(server),
    answerWith(next) {
      answer = next;
    },
    stop() {
      stopping = true;
      return drain(server);
    },
  };
}

function urlOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

function drain(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const giveUp = setTimeout(() => {
      server.closeAllConnections();
    }, DRAIN_MS);
    // A connection whose last answer went out after the signal would be kept alive for five seconds more.
    const tidy = setInterval(() => {
      server.closeIdleConnections();
    }, CLOSE_IDLE_MS);
    server.close(() => {
      clearTimeout(giveUp);
      clearInterval(tidy);
      resolve();
    });
    server.closeIdleConnections();
  });
}
