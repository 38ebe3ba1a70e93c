import { neededGenerations, type ViewRecord } from '../record/viewRecord.ts';
import { whileHolding } from '../../platform/lease.ts';
import type { ReadModel } from '../ports/readModel.ts';
import type { ViewDeclaration } from '../record/viewDeclaration.ts';

/** The lease name of a view in its version. */
export const leaseNameOf = ({ name, version }: ViewDeclaration): string => `${name}-v${version}`;

/**
 * Removes unneeded generations. Numbers are never reused and only the previous generation can be
 * restored, so an unneeded one stays unneeded even if this record is stale. A generation newer than
 * the record may belong to the next lease holder and is left alone.
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
 * Removes the data of versions older than the previous one, which may still be running or may be
 * restored. Nothing is removed while another instance holds its lease, or once `stop` aborts.
 */
export async function sweepVersions(
  readModel: ReadModel,
  view: ViewDeclaration,
  stop: AbortSignal,
): Promise<void> {
  const older = await olderVersions(readModel, view);
  await dropVersions(readModel, view, older.slice(0, -1), stop);
}

/** Removes the data of all older versions, on the same terms; false if an older instance still uses some. */
export async function dropOlderVersions(
  readModel: ReadModel,
  view: ViewDeclaration,
  stop: AbortSignal,
): Promise<boolean> {
  await dropVersions(readModel, view, await olderVersions(readModel, view), stop);
  return (await olderVersions(readModel, view)).length === 0;
}

const olderVersions = async (
  { controls }: Pick<ReadModel, 'controls'>,
  { name, version: own }: ViewDeclaration,
): Promise<number[]> => (await controls.versions(name)).filter((version) => version < own);

async function dropVersions(
  readModel: ReadModel,
  { name }: ViewDeclaration,
  versions: readonly number[],
  stop: AbortSignal,
): Promise<void> {
  const { leases, controls } = readModel;
  for (const version of versions) {
    const old = { name, version };
    const signal = AbortSignal.any([stop, AbortSignal.timeout(leases.expiryMs)]);
    await whileHolding(leases, leaseNameOf(old), signal, async ({ lost }) => {
      // Without the lease, an older instance may be using the data again.
      const isOver = (): boolean => stop.aborted || lost.aborted;
      for (const generation of await readModel.generations(old)) {
        if (isOver()) return;
        await readModel.drop(old, generation);
      }
      if (!isOver()) await controls.forget(old);
    });
  }
}
