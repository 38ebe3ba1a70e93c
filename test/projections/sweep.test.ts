import { expect } from 'chai';
import { NO_VIEW_RECORD, withRebuild, type ViewRecord } from '../../src/projections/record/viewRecord.ts';
import { ReadModelError } from '../../src/projections/record/readModelError.ts';
import type { ReadModel } from '../../src/projections/ports/readModel.ts';
import type { ViewDeclaration } from '../../src/projections/record/viewDeclaration.ts';
import {
  dropOlderVersions,
  sweepGenerations,
  sweepVersions,
} from '../../src/projections/maintaining/sweep.ts';

const USERS = { name: 'users', version: 1 };

/** Which of these generations a sweep by this record removes. */
async function sweptBy(control: ViewRecord, generations: number[]): Promise<number[]> {
  const dropped: number[] = [];
  const readModel = {
    generations: async () => generations,
    drop: async (...[, generation]: Parameters<ReadModel['drop']>) => {
      await new Promise(setImmediate);
      dropped.push(generation);
    },
  } as unknown as ReadModel;
  await sweepGenerations(readModel, USERS, control);
  return dropped;
}

describe('The sweep of generations', () => {
  it('removes generations that are neither current nor previous nor being built', async () => {
    const control = withRebuild({ ...NO_VIEW_RECORD, live: 4, kept: 2, newest: 5 }, USERS, 'now')!;
    expect(await sweptBy(control, [1, 2, 3, 4, 5, 6])).to.deep.equal([1, 3, 5]);
  });

  it('removes the last one begun if its job has ended without it', async () => {
    expect(await sweptBy({ ...NO_VIEW_RECORD, live: 4, newest: 5 }, [4, 5])).to.deep.equal([5]);
  });

  it('leaves generations that are newer than the record it read, which another holder may have begun', async () => {
    expect(await sweptBy({ ...NO_VIEW_RECORD, live: 4, newest: 4 }, [3, 4, 5, 6])).to.deep.equal([3]);
  });
});

/** Versions of the users that have data; the lease of those in `held` is taken. Each has one generation. */
function versionsOf(versions: number[], held: number[] = []) {
  const left = new Set(versions);
  const dropped: number[] = [];
  const readModel = {
    controls: {
      versions: async () => [...left],
      async forget({ version }: ViewDeclaration) {
        await new Promise(setImmediate);
        left.delete(version);
      },
    },
    generations: async () => [1],
    drop: async ({ version }: ViewDeclaration) => void dropped.push(version),
    leases: {
      expiryMs: 0,
      acquire: async (name: string) =>
        held.some((version) => name.endsWith(`-v${version}`))
          ? null
          : { lost: new AbortController().signal, release: async () => undefined },
    },
  } as unknown as ReadModel;
  return { readModel, dropped, left };
}

describe('The sweep of older versions', () => {
  const { signal } = new AbortController();
  const FOUR = { name: 'users', version: 4 };

  it('keeps the previous version, to which the installation may go back, and newer ones', async () => {
    const { readModel, dropped, left } = versionsOf([1, 2, 3, 4, 5]);
    await sweepVersions(readModel, FOUR, signal);
    expect(dropped).to.deep.equal([1, 2]);
    expect([...left]).to.deep.equal([3, 4, 5]);
  });

  it('keeps a version whose lease another instance holds', async () => {
    const { readModel, left } = versionsOf([1, 2, 3, 4], [1]);
    await sweepVersions(readModel, FOUR, signal);
    expect([...left]).to.deep.equal([1, 3, 4]);
  });

  it('removes the previous version too for an erasure, and says whether that was all', async () => {
    const all = versionsOf([2, 3, 4, 5]);
    expect(await dropOlderVersions(all.readModel, FOUR, signal)).to.equal(true);
    expect([...all.left]).to.deep.equal([4, 5]);
    const some = versionsOf([2, 3, 4], [3]);
    expect(await dropOlderVersions(some.readModel, FOUR, signal)).to.equal(false);
    expect([...some.left]).to.deep.equal([3, 4]);
  });

  it('frees the lease when it fails, so that it can be repeated', async () => {
    let held = 0;
    const readModel = {
      controls: { versions: async () => [1], forget: async () => undefined },
      generations: async () => [1],
      drop: async () => {
        throw new ReadModelError('no answer');
      },
      leases: {
        expiryMs: 0,
        async acquire() {
          held += 1;
          const { signal } = new AbortController();
          return { lost: signal, release: async () => void (held -= 1) };
        },
      },
    } as unknown as ReadModel;
    const sweep = dropOlderVersions(readModel, { name: 'users', version: 2 }, new AbortController().signal);
    expect(await sweep.catch((error: unknown) => error)).to.be.instanceOf(ReadModelError);
    expect(held).to.equal(0);
  });

  const there = [
    [1, 2, 3],
    [1, 2],
  ];
  for (const generations of there) {
    it(`stops when its lease is lost, because an instance of that version may be running again (${generations.length} generations)`, async () => {
      const lost = new AbortController();
      const done: string[] = [];
      const readModel = {
        controls: { versions: async () => [1], forget: async () => void done.push('record') },
        generations: async () => generations,
        drop: async (...[, generation]: Parameters<ReadModel['drop']>) => {
          done.push(`generation ${generation}`);
          if (generation === 2) lost.abort();
        },
        leases: {
          expiryMs: 0,
          acquire: async () => ({ lost: lost.signal, release: async () => undefined }),
        },
      } as unknown as ReadModel;
      await dropOlderVersions(readModel, { name: 'users', version: 2 }, new AbortController().signal);
      expect(done).to.deep.equal(['generation 1', 'generation 2']);
    });
  }
});
