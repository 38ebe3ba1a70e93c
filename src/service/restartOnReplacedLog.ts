import type { RequestListener } from 'node:http';
import type { EventStore } from '../events/eventStore.ts';
import type { HttpServer } from '../http/server/server.ts';
import { createBackoff } from '../platform/backoff.ts';
import { monotonicClock } from '../platform/clock.ts';
import { reasonOf } from '../platform/padronError.ts';
import type { Service } from './serviceOptions.ts';

/** Pauses before a failed start is retried. */
const PAUSE_MS = { minMs: 200, maxMs: 5_000, jitter: 0 };

export interface RestartingOptions {
  /** The running service. */
  service: Service;
  store: Pick<EventStore, 'onReplaced'>;
  server: Pick<HttpServer, 'answerWith'>;
  /** Answers 503 while no service runs. */
  closed: RequestListener;
  /** Checks that the views belong to the log, and starts the service on the same server and stores. */
  start(): Promise<Service>;
  logger: { error(fields: object, text: string): void; info(fields: object, text: string): void };
}

/**
 * Runs the service until `stop`. If the log is replaced under it, all cached state is void: from
 * then on every request gets 503, the service stops, and a new one starts from scratch as soon as
 * `start` succeeds (docs/adr/0026).
 */
export function restartOnReplacedLog({ service, store, server, closed, start, logger }: RestartingOptions): {
  stop(): Promise<void>;
} {
  const stopping = new AbortController();
  let running: Service | null = service;
  let restarting: Promise<void> | null = null;
  /** Counts replacements: one during a start voids that start too. */
  let replacements = 0;

  async function restart(): Promise<void> {
    const backoff = createBackoff({ ...PAUSE_MS, clock: monotonicClock });
    let logged: string | null = null;
    while (!stopping.signal.aborted) {
      const seen = replacements;
      try {
        await running?.suspend();
        running = null;
        running = await start();
        if (seen === replacements) break;
        server.answerWith(closed);
      } catch (error) {
        const reason = reasonOf(error);
        if (reason !== logged)
          logger.error({ reason }, 'every request gets 503 until the event log is usable');
        logged = reason;
        await backoff.pause(stopping.signal);
      }
    }
    restarting = null;
    if (!stopping.signal.aborted) logger.info({}, 'restarted over the present event log');
  }

  store.onReplaced(() => {
    if (stopping.signal.aborted) return;
    replacements += 1;
    server.answerWith(closed);
    logger.error({}, 'the event log was replaced, or restored to an older state: restarting from scratch');
    restarting ??= restart();
  });

  return {
    async stop() {
      stopping.abort();
      await restarting;
      await running?.stop();
    },
  };
}
