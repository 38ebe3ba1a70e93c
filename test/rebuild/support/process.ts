import { pino } from 'pino';
import { systemClock } from '../../../src/platform/clock.ts';
import { createCommandSide, type CommandSide } from '../../../src/commands/handling/commandSide.ts';
import type { EventStore } from '../../../src/events/eventStore.ts';
import { settingsKey } from '../../../src/events/bookkeeping/settings.ts';
import {
  buildInThisThread,
  type BuilderOver,
  type BuildGeneration,
} from '../../../src/projections/rebuild/buildGeneration.ts';
import type { BulkFoldLimits } from '../../../src/projections/folding/bulkFold.ts';
import { createJobs, type Jobs } from '../../../src/projections/rebuild/jobs.ts';
import { maintainViews, type MaintainedView } from '../../../src/projections/maintaining/maintainViews.ts';
import {
  createParkedSubjects,
  type ParkedSubjects,
} from '../../../src/projections/parking/createParkedSubjects.ts';
import type { ReadModel } from '../../../src/projections/ports/readModel.ts';
import type { ViewDeclaration } from '../../../src/projections/record/viewDeclaration.ts';
import type { DocumentView } from '../../../src/projections/ports/view.ts';
import { projectedViews, VIEWS, type Views } from '../../../src/projections/views/allViews.ts';
import { openStores } from '../../support/stores.ts';

/** A padron without its HTTP: commands, projections, jobs, over one pair of stores. Several of them share a folder. */
export interface Padron {
  store: EventStore;
  readModel: ReadModel;
  commands: CommandSide;
  jobs: Jobs;
  parking: ParkedSubjects;
  /** Those that this process keeps, or stands by for. */
  kept: readonly MaintainedView[];
  stop(): Promise<void>;
}

export interface PadronSettings {
  views?: Views;
  fill?: (padron: Pick<Padron, 'store' | 'readModel'>) => BuildGeneration;
  aroundReadModel?: (readModel: ReadModel) => ReadModel;
  /** Whether it keeps the views, and works on jobs. */
  keeps?: boolean;
}

/** A few dozen events take several pages, documents that are forgotten and loaded again, and writes between checkpoints. */
const SMALL_STEPS: BulkFoldLimits = { page: 8, documents: 5, atOnce: 2, rows: 5, unwrittenMs: 10_000 };

/** Starts one on a folder; what is there already, it goes on with. */
export async function startPadron(folder: string, settings: PadronSettings = {}): Promise<Padron> {
  const { views = VIEWS, keeps = true } = settings;
  const stores = await openStores(folder);
  const { store } = stores;
  const readModel = settings.aroundReadModel?.(stores.readModel) ?? stores.readModel;
  const clock = systemClock;
  const key = await settingsKey({ store, clock }, null);
  const fill: BuilderOver = (shared) =>
    settings.fill?.({ store, readModel }) ?? buildInThisThread(shared, SMALL_STEPS);
  const logger = pino({ enabled: false });
  const kept = keeps
    ? maintainViews({ views: projectedViews(views), readModel, store, clock, fill, logger })
    : null;
  return {
    store,
    readModel,
    commands: createCommandSide({ store, key, clock }),
    jobs: createJobs({
      controls: readModel.controls,
      views: Object.values(views) as ViewDeclaration[],
      now: () => clock.now(),
    }),
    parking: createParkedSubjects({
      views: [views.personas, views.users] as DocumentView<object>[],
      readModel,
      store,
      clock,
    }),
    kept: kept?.views ?? [],
    async stop() {
      await kept?.stop();
      await stores.close();
    },
  };
}
