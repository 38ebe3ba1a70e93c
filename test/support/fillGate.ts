import { aborted } from '../../src/platform/aborted.ts';
import type { BuildGeneration } from '../../src/projections/rebuild/buildGeneration.ts';
import { deferred, type Deferred } from './deferred.ts';

/** Keeps generations from being filled while it is closed. */
export interface FillGate {
  close(): void;
  open(): void;
  around(fill: BuildGeneration): BuildGeneration;
}

/** A gate that is open: rebuilds take as long as a test wants once it is closed. */
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
