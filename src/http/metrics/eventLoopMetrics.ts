import { Gauge, type Registry } from 'prom-client';
import type { Stall } from '../../tracing/eventLoopWatch.ts';
import type { HashQueue } from '../access/passwords.ts';

/**
 * Gauges of waits inside this process: stalls of the event loop, and the queue of password hashes.
 */
export function watchWaiting(
  registry: Registry,
  { longestStall, hashQueue }: { longestStall(): Stall | null; hashQueue(): HashQueue },
): void {
  new Gauge({
    name: 'padron_event_loop_longest_stall_seconds',
    help: 'Longest stall of the event loop in the last minute.',
    registers: [registry],
    collect() {
      this.set((longestStall()?.ms ?? 0) / 1_000);
    },
  });
  new Gauge({
    name: 'padron_event_loop_longest_stall_during',
    help: 'Work in progress during the longest stall of the last minute; its length in seconds.',
    labelNames: ['work'],
    registers: [registry],
    collect() {
      this.reset();
      const stall = longestStall();
      for (const work of stall?.during ?? []) this.set({ work }, (stall?.ms ?? 0) / 1_000);
    },
  });
  new Gauge({
    name: 'padron_password_hashes',
    help: 'Passwords being hashed or waiting to be.',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      const { running, waiting } = hashQueue();
      this.set({ state: 'running' }, running);
      this.set({ state: 'waiting' }, waiting);
    },
  });
}
