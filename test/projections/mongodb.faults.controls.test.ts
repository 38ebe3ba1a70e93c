import { expect } from 'chai';
import {
  NO_VIEW_RECORD,
  type ViewRecord,
  type StoredViewRecord,
} from '../../src/projections/record/viewRecord.ts';
import { ReadModelError } from '../../src/projections/record/readModelError.ts';
import type { ReadModel } from '../../src/projections/ports/readModel.ts';
import { eventually } from '../support/eventually.ts';
import { describeOnMongo } from '../support/mongodb.ts';
import { at, PEOPLE } from './contract/examples.ts';
import { behindFaultyProxy, rejection } from './faultyMongo.ts';

const record = (jobsBegun: number): ViewRecord => ({ ...NO_VIEW_RECORD, newest: 1, jobsBegun });

describeOnMongo('A view record on MongoDB, when the server does not answer,', () => {
  const { database, proxy, readModel, direct } = behindFaultyProxy();

  const read = async ({ controls }: ReadModel = direct()): Promise<StoredViewRecord | null> =>
    controls.read(PEOPLE);
  const write = async (n: number): Promise<StoredViewRecord> => {
    expect(await direct().controls.replace(PEOPLE, await read(), record(n))).to.equal(true);
    return (await read())!;
  };
  const replace = (from: StoredViewRecord | null, n: number): Promise<boolean> =>
    readModel().controls.replace(PEOPLE, from, record(n));

  for (const command of ['insert', 'update']) {
    it(`is recognised as written when the reply to its first ${command} was lost`, async () => {
      proxy().loseNextAnswerTo(command);
      expect(await replace(null, 1)).to.equal(true);
      expect(proxy().lost).to.deep.equal([command]);
      expect((await read())?.control).to.deep.equal(record(1));
    });
  }

  it('is recognised as replaced when only the reply was lost', async () => {
    const from = await write(1);
    proxy().loseNextAnswerTo('update');
    expect(await replace(from, 2)).to.equal(true);
    expect(proxy().lost).to.deep.equal(['update']);
    expect((await read())?.control).to.deep.equal(record(2));
  });

  it('is recognised as replaced even if another writer replaced it again before the check', async () => {
    const from = await write(1);
    proxy().loseNextAnswerTo('update');
    const replaced = replace(from, 2);
    await eventually('the answer is lost', () => proxy().lost.length === 1);
    await write(3);
    expect(await replaced).to.equal(true);
    expect((await read())?.control).to.deep.equal(record(3));
  });

  it('is not mistaken for its own if the reply was lost and another writer wrote the same content first', async () => {
    const from = await write(1);
    await write(2);
    proxy().loseNextAnswerTo('update');
    expect(await replace(from, 2)).to.equal(false);
    expect(proxy().lost).to.deep.equal(['update']);
  });

  it('is not considered written if the reply was lost and the checkpoint was different', async () => {
    const view = await direct().open(PEOPLE, 1);
    await view.write({ documents: [], from: null, to: at(2n) });
    proxy().loseNextAnswerTo('update');
    const standing = { generation: 1, checkpoint: at(1n) };
    expect(await readModel().controls.replace(PEOPLE, null, record(1), standing)).to.equal(false);
    expect(proxy().lost).to.deep.equal(['update']);
    expect(await read()).to.equal(null);
  });

  it('is read and replaced after every connection was cut', async () => {
    const from = await write(1);
    proxy().cut();
    expect(await read(readModel())).to.deep.equal(from);
    proxy().cut();
    expect(await replace(from, 2)).to.equal(true);
  });

  it('can be deleted and its versions listed whatever replies are lost', async () => {
    await write(1);
    proxy().loseNextAnswerTo('find');
    expect(await readModel().controls.versions(PEOPLE.name)).to.deep.equal([1]);
    proxy().loseNextAnswerTo('delete');
    await readModel().controls.forget(PEOPLE);
    expect(proxy().lost).to.deep.equal(['find', 'delete']);
    expect(await read()).to.equal(null);
  });

  it('rejects within its time limit, replaced or not, but never in part', async () => {
    const from = await write(1);
    proxy().silence();
    const { controls } = readModel();
    const faults = await Promise.all([
      rejection(controls.read(PEOPLE)),
      rejection(replace(from, 2)),
      rejection(replace(null, 3)),
      rejection(controls.versions(PEOPLE.name)),
      rejection(controls.forget(PEOPLE)),
    ]);
    for (const fault of faults) expect(fault).to.be.instanceOf(ReadModelError);
    expect(await read()).to.deep.equal(from);
  });

  it('is created again by a writer that finds none after a manual removal, and not replaced by one that read the old one', async () => {
    const from = await write(1);
    await database().drop();
    expect(await replace(from, 2)).to.equal(false);
    expect(await replace(null, 3)).to.equal(true);
  });
});
