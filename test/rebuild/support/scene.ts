import { expect } from 'chai';
import { editUser } from '../../../src/commands/editUser.ts';
import type { UserRecord } from '../../../src/events/types.ts';
import { systemClock } from '../../../src/platform/clock.ts';
import { waitUntilCaughtUp } from '../../../src/projections/following/waitUntilCaughtUp.ts';
import type { ViewDocument } from '../../../src/projections/ports/documents.ts';
import type { Job } from '../../../src/projections/record/viewRecord.ts';
import { VIEWS } from '../../../src/projections/views/allViews.ts';
import { request } from '../../history/support/people.ts';
import { newFolder, removeFolder } from '../../support/folder.ts';
import { aUser, editOf } from '../../support/people.ts';
import { faultyViews } from './faultyViews.ts';
import { startPadron, type Padron, type PadronSettings } from './process.ts';
import { begun, ended } from './work.ts';

/** Who skips events, and why. */
export const OPERATOR = {
  actor: { account: 'ops', role: 'admin' },
  requestId: 'r-9',
  correlationId: 'c-9',
  reason: 'ticket 12',
};

/** A padron whose view of users cannot show every telephone, with one user, Ana. */
export interface Scene {
  readonly fault: ReturnType<typeof faultyViews>;
  padron: Padron;
  ana: UserRecord;
  /** Starts padron and registers Ana. */
  start(settings?: PadronSettings): Promise<void>;
  /** Starts padron with Ana parked at revision 1: the view cannot show telephone 666. */
  startWithParked(settings?: PadronSettings): Promise<void>;
  restart(): Promise<void>;
  /** Edits Ana's telephone. */
  change(telefono: string): Promise<void>;
  /** Ana's document once the view has applied the whole log. */
  shown(): Promise<ViewDocument>;
  rebuilt(): Promise<Job>;
  rolledBack(): Promise<Job>;
  /** The id of Ana's entry among the parked subjects. */
  entryAt(revision: number): string;
}

/** A new scene before each test of a suite, on a folder of its own; calls mocha's hooks. */
export function sceneForEachTest(): Scene {
  let folder: string;
  let fault: Scene['fault'];
  const scene = {
    get fault() {
      return fault;
    },
    async start(settings = {}) {
      scene.padron = await startPadron(folder, { views: fault.views, ...settings });
      scene.ana = await aUser(scene.padron);
    },
    async startWithParked(settings) {
      await scene.start(settings);
      await scene.shown();
      fault.unbearable.add('666');
      await scene.change('666');
      expect((await scene.shown()).parked).to.include({ revision: 1 });
    },
    async restart() {
      await scene.padron.stop();
      scene.padron = await startPadron(folder, { views: fault.views });
    },
    async change(telefono) {
      const { padron, ana } = scene;
      const outcome = await padron.commands.handle(editUser, editOf(ana, { telefono }), request());
      expect(outcome.outcome).to.equal('done');
    },
    async shown() {
      const { padron, ana } = scene;
      const view = padron.readModel.shown(VIEWS.users);
      await waitUntilCaughtUp(view, await padron.store.head(), systemClock, AbortSignal.timeout(10_000));
      const [document] = await view.load([ana.IdUsuario]);
      if (!document) throw new Error('no document');
      return document;
    },
    rebuilt: async () => ended(scene.padron, begun(await scene.padron.jobs.rebuild('users'))),
    rolledBack: async () => ended(scene.padron, begun(await scene.padron.jobs.rollback('users'))),
    entryAt: (revision) => `users-${scene.ana.IdUsuario}.${revision}`,
  } as Scene;

  beforeEach(() => {
    folder = newFolder();
    fault = faultyViews();
  });
  afterEach(async () => {
    await scene.padron.stop();
    removeFolder(folder);
  });
  return scene;
}

export const telefonoOf = ({ body }: ViewDocument): string | undefined =>
  (body as UserRecord | null)?.telefono;
