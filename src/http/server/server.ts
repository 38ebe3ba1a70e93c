import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { limitConnections, serverOptions } from './connections.ts';
import { DeferredHeadersResponse } from './deferredHeadersResponse.ts';
import { drainOf } from './drain.ts';
import { networksOf, NO_REQUEST_LIMITS, type LimitSettings } from '../access/limitSettings.ts';
import { inOrder } from './pipeline.ts';
import { beginTick } from './sendTogether.ts';
import { answerUnparsed } from './unparsed.ts';

/** How often connections beyond the limits are logged, in milliseconds. */
const MIN_LOG_GAP_MS = 10_000;

/** An open port. What answers on it may change. */
export interface HttpServer {
  /** The address at which it listens. */
  url: string;
  /** How often a request or connection was refused before there was a request, by reason. */
  refusals: ReadonlyMap<string, number>;
  /** Lets `answer` handle all further requests. */
  answerWith(answer: RequestListener): void;
  /**
   * Accepts no more connections; resolves when the last request in progress is answered, or after
   * ten seconds.
   */
  stop(): Promise<void>;
}

export interface ListenOptions {
  host: string;
  port: number;
  limits?: Pick<LimitSettings, 'connections' | 'trustedProxies'>;
  /** Logs what is refused before there is a request. */
  logger?: Logger;
}

/** Starts listening. Rejects with the system's error if the port is taken. */
export async function listen(
  { host, port, limits = NO_REQUEST_LIMITS, logger }: ListenOptions,
  first: RequestListener,
): Promise<HttpServer> {
  let answer = first;
  let stopping = false;
  const pipeline = inOrder((request, response) => {
    if (stopping) response.setHeader('connection', 'close');
    answer(request, response);
  });
  const options = {
    ...serverOptions(limits.connections),
    ServerResponse: DeferredHeadersResponse,
    // The application refuses it like anything else.
    requireHostHeader: false,
  };
  const take: RequestListener = (request, response) => {
    beginTick();
    pipeline.answer(request, response);
  };
  const server = createServer(options, take);
  const drain = drainOf(server);
  // The application answers 417, or reads the body.
  server.on('checkExpectation', take).on('checkContinue', take);

  const refusals = new Map<string, number>();
  const count = (reason: string): void => {
    refusals.set(reason, (refusals.get(reason) ?? 0) + 1);
  };
  answerUnparsed(server, pipeline, (refusal) => {
    count(refusal.reason);
    logger?.info(refusal, 'request not parsed');
  });
  let silentUntil = 0;
  const parts = { limits: limits.connections, trusted: networksOf(limits.trustedProxies) };
  limitConnections(server, parts, (reason, address) => {
    count(reason);
    if (performance.now() < silentUntil) return;
    silentUntil = performance.now() + MIN_LOG_GAP_MS;
    logger?.warn({ reason, address, dropped: refusals.get(reason) }, 'connection dropped');
  });

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return {
    url: urlOf(server),
    refusals,
    answerWith(next) {
      answer = next;
    },
    stop() {
      stopping = true;
      return drain();
    },
  };
}

function urlOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
