import { createCommandSide, type CommandSide } from '../../src/commands/handling/commandSide.ts';
import type { EventStore } from '../../src/events/eventStore.ts';
import type { PersonaRecord } from '../../src/events/types.ts';
import { createDocuments, type Documents } from '../../src/projections/reading/documents.ts';
import { buildInThisThread, type BuilderOver } from '../../src/projections/rebuild/buildGeneration.ts';
import { createJobs, type Jobs } from '../../src/projections/rebuild/jobs.ts';
import { maintainViews, type MaintainedViews } from '../../src/projections/maintaining/maintainViews.ts';
import {
  createParkedSubjects,
  type ParkedSubjects,
} from '../../src/projections/parking/createParkedSubjects.ts';
import { projectedDocuments, projectedRows } from '../../src/projections/folding/projection.ts';
import type { ReadModel } from '../../src/projections/ports/readModel.ts';
import { keepVerifying, type VerifyWorker } from '../../src/verify/job/keepVerifying.ts';
import type { DocumentView, RowView } from '../../src/projections/ports/view.ts';
import type { MemoryViews } from '../support/memoryReadModel.ts';
import { TEST_KEY } from '../support/processes.ts';
import { eventStoreOf, type ReplicatedLog } from './events.ts';
import type { Host } from './host.ts';
import type { LeaseOffice } from './leases.ts';
import type { Simulation } from './simulation.ts';
import { readModelOf } from './views.ts';

/** A view of persons that fits any run, and the history. */
export interface ModelViews {
  personas: DocumentView<PersonaRecord>;
  history: RowView;
}

/** What the instances of one run share. */
export interface Stores {
  log: ReplicatedLog;
  views: MemoryViews;
  office: LeaseOffice;
  isAtomic: boolean;
  declared: ModelViews;
  /** Whether instances run projections, jobs and verifications, or commands only. */
  keepsViews: boolean;
}

/** One padron, without HTTP: its command side, its reads, and its share of the projections and jobs. */
export interface Instance {
  host: Host;
  store: EventStore;
  readModel: ReadModel;
  commands: CommandSide;
  documents: Documents<PersonaRecord>;
  jobs: Jobs;
  parking: ParkedSubjects;
  stop(): Promise<void>;
}

export const READ_YOUR_WRITES_MS = 1_000;

/** Small, so that a log of some dozen events is filled in many steps. */
const FILL_LIMITS = { page: 3, documents: 4, atOnce: 2, rows: 4, unwrittenMs: Infinity };

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

export function startInstance(simulation: Simulation, host: Host, stores: Stores): Instance {
  const { log, declared, keepsViews } = stores;
  const { clock, timer } = host;
  const store = eventStoreOf(simulation, host, log);
  const readModel = readModelOf(simulation, host, stores);
  const commands = createCommandSide({ store, key: TEST_KEY, clock });
  const { personas, history } = declared;
  const documentViews = [personas] as unknown as DocumentView<object>[];
  const workers: (MaintainedViews | VerifyWorker)[] = [];
  if (keepsViews) {
    const views = [projectedDocuments(personas), projectedRows(history)];
    const fill: BuilderOver = (shared) => buildInThisThread(shared, FILL_LIMITS);
    workers.push(
      maintainViews({ views, readModel, store, clock, timer, fill, logger: silent }),
      keepVerifying({
        readModel,
        store,
        reservations: commands.reservations,
        documentViews,
        rowViews: [history],
        clock,
        onJob: () => undefined,
        onError: () => undefined,
      }),
    );
  }
  return {
    host,
    store,
    readModel,
    commands,
    documents: createDocuments({
      view: personas,
      viewReader: readModel.shown(personas),
      ...commands,
      store,
      clock,
      timer,
      startedAt: log.shown.events.at(-1)?.position ?? null,
      maxWaitMs: READ_YOUR_WRITES_MS,
    }),
    jobs: createJobs({ controls: readModel.controls, views: [personas, history], now: clock.now }),
    parking: createParkedSubjects({ views: documentViews, readModel, store, clock }),
    stop: async () => {
      await Promise.all(workers.map((worker) => worker.stop()));
    },
  };
}
