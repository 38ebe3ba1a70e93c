import { expect } from 'chai';
import type { ViewDeclaration } from '../../src/projections/record/viewDeclaration.ts';
import { VIEWS } from '../../src/projections/views/allViews.ts';
import { eventually } from '../support/eventually.ts';
import { aPersona, aUser } from '../support/people.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { openStores } from '../support/stores.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { tokenOf } from '../support/tokens.ts';

interface VerifyJob {
  id: string;
  state: string;
  endedAt: string | null;
  share: number;
  processed: number;
  error: string | null;
  differences: unknown[];
}

const token = tokenOf('admin');

async function verified({ send }: TestService): Promise<VerifyJob> {
  const { status, body } = await send('POST', '/admin/verify', { token });
  expect(status).to.equal(202);
  const { id } = body as VerifyJob;
  return eventually('the verification ends', async () => {
    const job = (await send('GET', `/admin/jobs/${id}`, { token })).body as VerifyJob;
    return job.endedAt === null ? null : job;
  });
}

/** Spoils one document of the live generation, past everything that guards it. */
async function spoil(folder: string, view: ViewDeclaration, id: number): Promise<void> {
  const { readModel, close } = await openStores(folder);
  const live = (await readModel.controls.read(view))?.control.live ?? 0;
  const store = await readModel.open(view, live);
  const [document] = await store.load([id]);
  if (!document) throw new Error(`there is no document ${id}`);
  const body = { ...document.body, telefono: 'not what the events say' };
  expect(await store.repair(document, { ...document, body })).to.equal(true);
  await close();
}

describe('A verification over HTTP', () => {
  it('reports each difference by subject and member, and none if the views match the events', async () => {
    const folder = newFolder();
    const service = await startTestService({ dataDir: folder });
    const { id } = await aPersona(service.service);
    await aUser(service.service);
    const clean = await verified(service);
    expect(clean).to.deep.include({ state: 'done', share: 1, error: null, differences: [] });
    expect(clean.processed).to.be.greaterThan(0);

    await spoil(folder, VIEWS.personas, id);
    const { state, differences } = await verified(service);
    expect(state).to.equal('done');
    expect(differences).to.deep.equal([
      { projection: 'personas', subject: `persona-${id}`, member: 'telefono', problem: 'different' },
    ]);
    expect(JSON.stringify(differences)).not.to.include('not what the events say');
    await service.stop();
    removeFolder(folder);
  });
});
