import { expect } from 'chai';
import type { ViewRecords } from '../../../src/projections/record/viewRecord.ts';
import { at, PEOPLE, type OpenedView } from './examples.ts';
import { record } from './controls.ts';

/** A record that is written only while a generation's checkpoint stands where it was seen. */
export function standingRules({ storage, view }: OpenedView): void {
  const controls = (): ViewRecords => storage().readModel.controls;

  it('is written while the generation is at that checkpoint', async () => {
    await view().write({ documents: [], from: null, to: at(3n) });
    const standing = { generation: 1, checkpoint: at(3n) };
    expect(await controls().replace(PEOPLE, null, record(1), standing)).to.equal(true);
    const stored = await controls().read(PEOPLE);
    expect(await controls().replace(PEOPLE, stored, record(2), standing)).to.equal(true);
  });

  for (const [what, checkpoint] of [
    ['an earlier one', at(2n)],
    ['a later one', at(4n)],
    ['the same with another event', { position: 3n, event: { position: 3n, id: 'another' } }],
    ['the same without an event', { position: 3n, event: null }],
    ['none', null],
  ] as const) {
    it(`is refused if the caller expects ${what}`, async () => {
      await view().write({ documents: [], from: null, to: at(3n) });
      const standing = { generation: 1, checkpoint };
      expect(await controls().replace(PEOPLE, null, record(1), standing)).to.equal(false);
      expect(await controls().read(PEOPLE)).to.equal(null);
      await controls().replace(PEOPLE, null, record(1));
      const stored = await controls().read(PEOPLE);
      expect(await controls().replace(PEOPLE, stored, record(2), standing)).to.equal(false);
      expect(await controls().read(PEOPLE)).to.deep.equal(stored);
    });
  }

  it('is written if no checkpoint is expected and none exists: for an empty generation, or for none', async () => {
    await storage().readModel.open(PEOPLE, 2);
    for (const generation of [1, 2, 3]) {
      const stored = await controls().read(PEOPLE);
      const standing = { generation, checkpoint: null };
      expect(await controls().replace(PEOPLE, stored, record(generation), standing)).to.equal(true);
    }
  });

  it('is refused if a checkpoint is expected and none exists', async () => {
    for (const generation of [1, 3]) {
      const standing = { generation, checkpoint: at(1n) };
      expect(await controls().replace(PEOPLE, null, record(1), standing)).to.equal(false);
    }
  });

  it('is written with a checkpoint that has no event of padron', async () => {
    const foreign = { position: 5n, event: null };
    await view().write({ documents: [], from: null, to: foreign });
    const standing = { generation: 1, checkpoint: foreign };
    expect(await controls().replace(PEOPLE, null, record(1), standing)).to.equal(true);
  });

  it('is written with the checkpoint of that generation only, wherever others are', async () => {
    const second = await storage().readModel.open(PEOPLE, 2);
    await view().write({ documents: [], from: null, to: at(3n) });
    await second.write({ documents: [], from: null, to: at(9n) });
    const behind = { generation: 2, checkpoint: at(3n) };
    expect(await controls().replace(PEOPLE, null, record(1), behind)).to.equal(false);
    const level = { generation: 2, checkpoint: at(9n) };
    expect(await controls().replace(PEOPLE, null, record(1), level)).to.equal(true);
  });

  it('is refused if another writer has written it, whatever the checkpoint', async () => {
    await controls().replace(PEOPLE, null, record(1));
    const old = await controls().read(PEOPLE);
    await controls().replace(PEOPLE, old, record(2));
    const standing = { generation: 1, checkpoint: null };
    expect(await controls().replace(PEOPLE, old, record(3), standing)).to.equal(false);
  });

  it('is written or the checkpoint moves if both happen at once, not both', async () => {
    await controls().replace(PEOPLE, null, record(0));
    for (let n = 1; n <= 10; n++) {
      const stored = await controls().read(PEOPLE);
      const from = n === 1 ? null : at(BigInt(n - 1));
      const standing = { generation: 1, checkpoint: from };
      const [replaced] = await Promise.all([
        controls().replace(PEOPLE, stored, record(n), standing),
        view().write({ documents: [], from, to: at(BigInt(n)) }),
      ]);
      const after = await controls().read(PEOPLE);
      expect(after?.control).to.deep.equal(replaced ? record(n) : stored?.control);
    }
  });
}

/** Which versions of a view have a record. */
export function versionRules({ storage }: OpenedView): void {
  const controls = (): ViewRecords => storage().readModel.controls;
  const write = (version: number, name = PEOPLE.name): Promise<boolean> =>
    controls().replace({ name, version }, null, record(version));

  it('are empty at the start, even if a generation is open', async () => {
    expect(await controls().versions(PEOPLE.name)).to.deep.equal([]);
  });

  it('are in ascending numerical order', async () => {
    for (const version of [10, 1, 9, 100]) await write(version);
    expect(await controls().versions(PEOPLE.name)).to.deep.equal([1, 9, 10, 100]);
  });

  it('are those of that view only', async () => {
    await write(1);
    await write(2, 'people1');
    await write(3, 'peopl');
    await write(4, 'users');
    expect(await controls().versions(PEOPLE.name)).to.deep.equal([1]);
  });

  it('omit those that were deleted, which can no longer be read', async () => {
    await write(1);
    await write(2);
    await controls().forget(PEOPLE);
    await controls().forget(PEOPLE);
    expect(await controls().versions(PEOPLE.name)).to.deep.equal([2]);
    expect(await controls().read(PEOPLE)).to.equal(null);
  });

  it('may be created again after removal; an earlier read does not replace them', async () => {
    await write(1);
    const old = await controls().read(PEOPLE);
    await controls().forget(PEOPLE);
    expect(await controls().replace(PEOPLE, old, record(7))).to.equal(false);
    await write(1);
    expect(await controls().replace(PEOPLE, old, record(7))).to.equal(false);
    expect((await controls().read(PEOPLE))?.control).to.deep.equal(record(1));
  });
}
