import { ReadModelError } from '../../src/projections/record/readModelError.ts';
import type { ReadModel } from '../../src/projections/ports/readModel.ts';

/** A read model whose reads of views and view records fail as unreachable while `trouble` says so. */
export function failingReadModel(readModel: ReadModel, trouble: { isOutOfReach: boolean }): ReadModel {
  function expectInReach(): void {
    if (trouble.isOutOfReach) throw new ReadModelError('the read model does not answer');
  }
  const { controls } = readModel;
  return {
    ...readModel,
    controls: {
      ...controls,
      async read(view) {
        expectInReach();
        return controls.read(view);
      },
    },
    shown(view) {
      const shown = readModel.shown(view);
      return {
        ...shown,
        async checkpoint() {
          expectInReach();
          return shown.checkpoint();
        },
        async parked(stretch) {
          expectInReach();
          return shown.parked(stretch);
        },
      };
    },
    shownRows(view) {
      const shown = readModel.shownRows(view);
      return {
        ...shown,
        async checkpoint() {
          expectInReach();
          return shown.checkpoint();
        },
      };
    },
  };
}
