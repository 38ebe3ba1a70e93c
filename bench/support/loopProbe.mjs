/**
 * Loaded into a padron that is measured (`--import`): how long its requests' thread was held, asked for by a message of the parent.
 *
 * `stall` is the time for which the event loop did not run. `held` leaves out what the thread waited for a processor meanwhile, which says
 * more about the machine than about padron; it is known on Linux alone.
 */
import { Buffer } from 'node:buffer';
import { openSync, readSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { setTimeout } from 'node:timers';
import { isMainThread } from 'node:worker_threads';

const TICK_MS = 2;

if (isMainThread && process.send) {
  const waited = waitForProcessor();
  let longest = { stall: 0, held: 0 };
  let due = performance.now() + TICK_MS;
  let waitedBefore = waited();

  const look = () => {
    const stall = Math.max(0, performance.now() - due);
    const waitedNow = waited();
    const held = Math.max(0, stall - (waitedNow - waitedBefore));
    longest = { stall: Math.max(longest.stall, stall), held: Math.max(longest.held, held) };
    waitedBefore = waitedNow;
    due = performance.now() + TICK_MS;
    setTimeout(look, TICK_MS).unref();
  };
  setTimeout(look, TICK_MS).unref();

  process.on('message', (message) => {
    if (message !== 'longest stalls') return;
    process.send?.(longest);
    longest = { stall: 0, held: 0 };
  });
  process.channel?.unref();
}

/** Milliseconds for which this thread was ready to run and had no processor; always 0 where the system does not say. */
function waitForProcessor() {
  try {
    const file = openSync(`/proc/self/task/${process.pid}/schedstat`, 'r');
    const buffer = Buffer.alloc(100);
    return () => {
      const length = readSync(file, buffer, 0, buffer.length, 0);
      return Number(buffer.toString('latin1', 0, length).split(' ')[1]) / 1e6;
    };
  } catch {
    return () => 0;
  }
}
