/** A process that holds a lease until it is killed. Arguments: mongodb or sqlite, the URL or folder, the lease's name. */
import type { Leases } from '../../src/platform/lease.ts';
import { openMongoLeases } from '../../src/projections/stores/mongodb/leases.ts';
import { openSqliteLeases } from '../../src/platform/sqlite/leases.ts';

const [kind = '', place = '', name = ''] = process.argv.slice(2);
const leases: Leases =
  kind === 'mongodb' ? await openMongoLeases({ url: place }) : openSqliteLeases({ folder: place });
const lease = await leases.acquire(name, { signal: new AbortController().signal });
console.log(`held ${String(lease?.fence)}`);
lease?.lost.addEventListener('abort', () => {
  console.log('lost');
});
// Standard input ends when the parent process does.
process.stdin.resume().on('end', () => process.exit());
