import { ReadModelError } from '../../src/projections/record/readModelError.ts';
import type { ReadModel } from '../../src/projections/ports/readModel.ts';
import { memoryReadModel, type MemoryViews } from '../support/memoryReadModel.ts';
import { createCalls, throughCalls } from './calls.ts';
import type { Host } from './host.ts';
import type { LeaseOffice } from './leases.ts';
import type { Simulation } from './simulation.ts';

/** The read model as one host reaches it. */
export function readModelOf(
  simulation: Simulation,
  host: Host,
  { views, office, isAtomic }: { views: MemoryViews; office: LeaseOffice; isAtomic: boolean },
): ReadModel {
  const calls = createCalls(
    simulation,
    host,
    'views',
    () => new ReadModelError('the read model does not answer'),
  );
  const readModel = memoryReadModel(views, {
    leases: office.leasesOf(host),
    ...(!isAtomic && {
      betweenWrites: async () => {
        simulation.stored();
        await host.receive();
      },
    }),
  });
  const { open, openRows, generations, drop, shown, shownRows, controls } = readModel;
  return {
    ...readModel,
    ...throughCalls({ generations, drop }, 'views', calls),
    controls: throughCalls(controls, 'control', calls),
    shown: (view) => throughCalls(shown(view), `${view.name} shown`, calls),
    shownRows: (view) => throughCalls(shownRows(view), `${view.name} shown`, calls),
    open: (view, generation, options) =>
      calls.call(`open ${view.name} ${generation}`, async () =>
        throughCalls(await open(view, generation, options), `${view.name} ${generation}`, calls),
      ),
    openRows: (view, generation, options) =>
      calls.call(`open ${view.name} ${generation}`, async () =>
        throughCalls(await openRows(view, generation, options), `${view.name} ${generation}`, calls),
      ),
  };
}
