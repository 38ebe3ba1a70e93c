import { systemClock } from '../../platform/clock.ts';
import type { Config } from '../../config/config.ts';
import type { EventStore } from '../../events/eventStore.ts';
import { createJobs, type Jobs } from '../../projections/rebuild/jobs.ts';
import { createParkedSubjects, type ParkedSubjects } from '../../projections/parking/createParkedSubjects.ts';
import type { ProjectedView } from '../../projections/folding/projection.ts';
import type { ReadModel } from '../../projections/ports/readModel.ts';
import { projectedViews, viewsByKind } from '../../projections/views/allViews.ts';
import { openEventStore, openReadModel } from '../../service/stores.ts';
import { CliError, configFromEnvironment, EXIT } from '../output/exit.ts';
import { requireExistingData } from '../checks/requireExistingData.ts';

/** The configured stores and the operations on their views. A server may run at the same time. */
export interface OpenedViews {
  config: Config;
  store: EventStore;
  readModel: ReadModel;
  views: readonly ProjectedView[];
  jobs: Jobs;
  parking: ParkedSubjects;
}

/** Opens the stores for `work` and closes them afterwards. Throws CliError if they do not exist. */
export async function withViews<T>(work: (opened: OpenedViews) => Promise<T>): Promise<T> {
  const config = configFromEnvironment();
  requireExistingData(config);
  const store = await openEventStore(config);
  try {
    const readModel = await openReadModel(config);
    try {
      const views = projectedViews();
      const jobs = createJobs({ controls: readModel.controls, views, now: () => systemClock.now() });
      const { documentViews } = viewsByKind();
      const parking = createParkedSubjects({ views: documentViews, readModel, store, clock: systemClock });
      return await work({ config, store, readModel, views, jobs, parking });
    } finally {
      await readModel.close();
    }
  } finally {
    await store.close();
  }
}

/** The view with this name. Throws CliError for an unknown name, before anything is opened. */
export function viewNamed(name: string): ProjectedView {
  const views = projectedViews();
  const view = views.find((one) => one.name === name);
  if (view) return view;
  const names = views.map((one) => one.name).join(', ');
  throw new CliError(`there is no view «${name}»; there are ${names}`, EXIT.usage);
}
