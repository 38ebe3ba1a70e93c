import { NO_CONTROL, withRebuild, type Control, type Controls, type StoredControl } from './control.ts';
import { FILL_LIMITS } from './filling.ts';
import type { ProjectedView, ProjectionDependencies } from './projection.ts';
import type { EventStore } from '../events/eventStore.ts';
import type { ViewDeclaration } from './readModel.ts';
import type { Clock } from '../events/clock.ts';

/** Changes a record by compare-and-set, as often as somebody gets in between; null when there is none, or `decide` sees nothing to change. */
export async function changeControl(
  controls: Pick<Controls, 'read' | 'replace'>,
  of: ViewDeclaration,
  decide: (control: Control) => Control | null,
): Promise<Control | null> {
  for (;;) {
    const stored = await controls.read(of);
    const next = stored && decide(stored.control);
    if (!stored || !next) return null;
    if (await controls.replace(of, stored, next)) return next;
  }
}

/**
 * A view's record, made where this version of the view has none. Over an empty log the first generation is complete as it is; over any other a job
 * builds it.
 */
export async function beginControl(
  view: ProjectedView,
  dependencies: ProjectionDependencies & { store: EventStore; clock: Clock },
): Promise<StoredControl> {
  const { readModel, store, clock } = dependencies;
  for (;;) {
    const stored = await readModel.controls.read(view);
    if (stored) return stored;
    const newest = Math.max(0, ...(await readModel.generations(view)));
    let first = withRebuild({ ...NO_CONTROL, newest }, view, clock.now());
    if ((await store.head()) === null) {
      const generation = newest + 1;
      await (await view.open(generation, dependencies)).filling(FILL_LIMITS).seal();
      first = { ...NO_CONTROL, newest: generation, live: generation };
    }
    if (first) await readModel.controls.replace(view, null, first);
  }
}
