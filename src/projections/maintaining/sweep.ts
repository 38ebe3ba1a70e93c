import { neededGenerations, type ViewRecord } from '../ports/viewRecord.ts';
import type { ReadModel, ViewDeclaration } from '../ports/readModel.ts';

/** A holder of a lease that died is noticed within this, in milliseconds (see the leases). */
const MAX_HOLDER_MS = 4_000;

/** What the lease of a view in its version is called. */
export const leaseNameOf = ({ name, version }: ViewDeclaration): string => `${name}-v${version}`;

/**
 * Removes the generations that nobody needs. Numbers are not used again, and only the kept generation is gone back to: one that is not needed never
 * will be, even if this record is old by now. One that is newer than the record may be somebody else's, who holds the lease after us.
 */
export async function sweepGenerations(
  readModel: ReadModel,
  view: ViewDeclaration,
  control: ViewRecord,
): Promise<void> {
  const needed = new Set(neededGenerations(control));
  for (const generation of await readModel.generations(view)) {
    if (generation <= control.newest && !needed.has(generation)) await readModel.drop(view, generation);
  }
}

/**
 * Removes what versions before the one before this one have left: that one may still be running, or be gone back to. Nothing is touched while
 * somebody holds its lease, or when `stop` aborts.
 */
export async function sweepVersions(
  readModel: ReadModel,
  { name, version: own }: ViewDeclaration,
  stop: AbortSignal,
): Promise<void> {
  const { controls, leases } = readModel;
  const older = (await controls.versions(name)).filter((version) => version < own);
  for (const version of older.slice(0, -1)) {
    const old = { name, version };
    const signal = AbortSignal.any([stop, AbortSignal.timeout(MAX_HOLDER_MS)]);
    const lease = await leases.acquire(leaseNameOf(old), { signal });
    if (!lease) continue;
    for (const generation of await readModel.generations(old)) await readModel.drop(old, generation);
    await controls.forget(old);
    await lease.release();
  }
}
