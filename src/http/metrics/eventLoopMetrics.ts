import { Gauge, type Registry } from 'prom-client';
import type { Stall } from '../../tracing/eventLoopWatch.ts';
import type { HashQueue } from '../access/passwords.ts';

/** Gauges of what makes requests wait inside this process: stalls of the event loop, and the queue of passwords to hash. */
export function watchWaiting(
  registry: Registry,
  { longestStall, hashQueue }: { longestStall(): Stall | null; hashQueue(): HashQueue },
): void {
  new Gauge({
    name: 'padron_event_loop_longest_stall_seconds',
    help: 'The longest time in the last minute for which the event loop did not run.',
    registers: [registry],
    collect() {
      this.set((longestStall()?.ms ?? 0) / 1_000);
    },
  });
  new Gauge({
    name: 'padron_event_loop_longest_stall_during',
    help: 'What was under way in the longest stall of the last minute; its length in seconds.',
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
    help: 'Passwords that are being hashed, or wait for their turn.',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      const { running, waiting } = hashQueue();
      this.set({ state: 'running' }, running);
      this.set({ state: 'waiting' }, waiting);
    },
  });
}
