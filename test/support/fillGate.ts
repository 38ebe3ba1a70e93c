import { aborted } from '../../src/platform/aborted.ts';
import type { BuildGeneration } from '../../src/projections/rebuild/buildGeneration.ts';
import { deferred, type Deferred } from './deferred.ts';

/** Keeps generations from being built while it is closed. */
export interface FillGate {
  close(): void;
  open(): void;
  around(fill: BuildGeneration): BuildGeneration;
}

/** An open gate. By closing it, a test makes rebuilds take as long as it wants. */
export function fillGate(): FillGate {
  let closed: Deferred | null = null;
  return {
    close() {
      closed ??= deferred();
    },
    open() {
      closed?.resolve();
      closed = null;
    },
    around: (fill) => async (task) => {
      if (closed) await Promise.race([closed.promise, aborted(task.signal)]);
      await fill(task);
    },
  };
}
