import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Leases } from '../../src/projections/ports/lease.ts';
import { openSqliteLeases } from '../../src/projections/stores/sqlite/leases.ts';
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
