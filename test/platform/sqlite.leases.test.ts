import { expect } from 'chai';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Leases } from '../../src/platform/lease.ts';
import { LeaseError, openSqliteLeases } from '../../src/platform/sqlite/leases.ts';
import { isUnreachable } from '../../src/platform/storeError.ts';
import { failureOf } from '../events/contract/steps.ts';
import { startHolder } from '../support/holderProcess.ts';
import { describeLeaseContract } from './leaseContract.ts';

describeLeaseContract('SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'padron-leases-'));
  const opened: Leases[] = [];
  return {
    instance: async (clock) => {
      const leases = openSqliteLeases({ folder, clock });
      opened.push(leases);
      return leases;
    },
    holder: (name) => startHolder('sqlite', folder, name),
    close: async () => {
      await Promise.all(opened.map((leases) => leases.close()));
      await rm(folder, { recursive: true });
    },
  };
});

describe('A lease on SQLite', () => {
  it('is reported as out of reach, by the name of its file, if the file cannot be used', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'padron-leases-'));
    await mkdir(join(folder, 'lease-people.db'));
    const { signal } = new AbortController();
    const error = await failureOf(openSqliteLeases({ folder }).acquire('people', { signal }));
    expect(error).to.be.instanceOf(LeaseError).and.to.satisfy(isUnreachable);
    expect(error)
      .to.have.property('message')
      .that.matches(/^the lease file cannot be used: lease-people\.db: unable to open/);
    await rm(folder, { recursive: true });
  });
});
