import { ReadModelError } from '../../../src/projections/record/readModelError.ts';
import type { ReadModel } from '../../../src/projections/ports/readModel.ts';

/**
 * A read model as seen by a process that dies at one of its calls: the first `calls` come through, whatever they are (control records, batches,
 * generations begun and dropped), then none does any more.
 */
export function dyingReadModel(
  readModel: ReadModel,
  calls: number,
): { readModel: ReadModel; isDead(): boolean } {
  let left = calls;

  const mortal = <Part extends object>(part: Part): Part =>
    new Proxy(part, {
      get(target, name, receiver) {
        const member: unknown = Reflect.get(target, name, receiver);
        if (typeof member !== 'function') return member;
        return async (...parameters: unknown[]): Promise<unknown> => {
          left -= 1;
          if (left < 0) throw new ReadModelError('this process is dead');
          return (member as (...parameters: unknown[]) => Promise<unknown>).apply(target, parameters);
        };
      },
    });

  const dying: ReadModel = {
    leases: readModel.leases,
    controls: mortal(readModel.controls),
    shown: (view) => mortal(readModel.shown(view)),
    shownRows: (view) => mortal(readModel.shownRows(view)),
    open: async (...args) => mortal(await readModel.open(...args)),
    openRows: async (...args) => mortal(await readModel.openRows(...args)),
    generations: mortal(readModel).generations,
    drop: mortal(readModel).drop,
    close: () => readModel.close(),
  };
  return { readModel: dying, isDead: () => left < 0 };
}
