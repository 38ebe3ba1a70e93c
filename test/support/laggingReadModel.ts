import type { ReadModel } from '../../src/projections/ports/readModel.ts';

/** Keeps the views from advancing while it is held. */
export interface Gate {
  hold(): void;
  release(): void;
}

/** A read model whose writes wait while the gate is held, so that the projections fall behind. */
export function laggingReadModel(): { gate: Gate; around(readModel: ReadModel): ReadModel } {
  let open = Promise.resolve();
  let release = (): void => undefined;
  const gate: Gate = {
    hold() {
      open = new Promise((resolve) => {
        release = resolve;
      });
    },
    release: () => {
      release();
    },
  };
  const around = (readModel: ReadModel): ReadModel => ({
    ...readModel,
    async open(...args) {
      const store = await readModel.open(...args);
      return {
        ...store,
        async write(batch) {
          await open;
          return store.write(batch);
        },
      };
    },
  });
  return { gate, around };
}
