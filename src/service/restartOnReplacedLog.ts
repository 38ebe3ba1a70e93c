import type { RequestListener } from 'node:http';
import type { EventStore } from '../events/eventStore.ts';
import type { HttpServer } from '../http/server/server.ts';
import { monotonicClock } from '../platform/clock.ts';
import { reasonOf } from '../platform/padronError.ts';
import type { Service } from './service.ts';

/** Pause before a start that failed is tried again, in milliseconds; it doubles up to the second one. */
const MIN_PAUSE_MS = 200;
const MAX_PAUSE_MS = 5_000;

export interface RestartingOptions {
  /** The service that runs. */
  service: Service;
  store: Pick<EventStore, 'onReplaced'>;
  server: Pick<HttpServer, 'answerWith'>;
  /** Answers while no service runs: 503. */
  closed: RequestListener;
  /** Checks that the views belong to the log, and starts the service on the same server and stores. */
  start(): Promise<Service>;
  logger: { error(fields: object, text: string): void; info(fields: object, text: string): void };
}

/**
 * Runs the service until `stop`. When the log is replaced behind its back, everything that was known of it is void: from that moment on every
 * request gets 503, the service ends, and another one starts from scratch as soon as `start` succeeds (docs/adr/0026).
 */
export function restartOnReplacedLog({ service, store, server, closed, start, logger }: RestartingOptions): {
  stop(): Promise<void>;
} {
  const stopping = new AbortController();
  let running: Service | null = service;
  let restarting: Promise<void> | null = null;
  /** Counts replacements: one that comes while the service starts voids that start as well. */
  let replacements = 0;

  async function restart(): Promise<void> {
    let pause = MIN_PAUSE_MS;
    let told: string | null = null;
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
        if (reason !== told)
          logger.error({ reason }, 'every request gets 503 until the event log is in order');
        told = reason;
        await monotonicClock.sleep(pause, stopping.signal);
        pause = Math.min(MAX_PAUSE_MS, 2 * pause);
      }
    }
    restarting = null;
    if (!stopping.signal.aborted) logger.info({}, 'started again over the event log as it is now');
  }

  store.onReplaced(() => {
    if (stopping.signal.aborted) return;
    replacements += 1;
    server.answerWith(closed);
    logger.error({}, 'the event log was replaced, or put back to an older state: starting from scratch');
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
