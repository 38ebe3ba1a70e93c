import type { MongoConnectionOptions } from '../../../platform/mongodb/connection.ts';
import type { ReadModel } from '../../ports/readModel.ts';
import { openControls } from './controls.ts';
import { openView, shownView } from './documents/documentViews.ts';
import { connect } from './generation/answered.ts';
import { dropGeneration, listGenerations } from './generation/generations.ts';
import { openMongoLeases } from './leases.ts';
import { openRowView, shownRowView } from './rows/rowViews.ts';

/**
 * The read model on MongoDB 4.4 or later: a standalone server, a replica set or a compatible
 * server. It needs no transactions: a batch first writes its documents, each guarded by its
 * revision, then moves the checkpoint by compare-and-set. After an interruption the next writer
 * repeats the batch from the checkpoint, which does no harm.
 *
 * The database has a collection `controls` of control documents, and one collection per generation
 * of a view, such as `personas_v1_g1`. Rejects with ReadModelError if the server is unreachable, so
 * that the caller may retry, and with ReadModelRefusedError if the URL is invalid.
 */
export async function openMongoReadModel(options: MongoConnectionOptions): Promise<ReadModel> {
  const connection = await connect(options);
  const leases = await openMongoLeases({ url: options.url }).catch(async (error: unknown) => {
    await connection.close();
    throw error;
  });
  return {
    leases,
    controls: openControls(connection),
    shown: (view) => shownView(connection, view),
    shownRows: (view) => shownRowView(connection, view),
    open: (...args) => openView(connection, ...args),
    openRows: (...args) => openRowView(connection, ...args),
    generations: (view) => listGenerations(connection, view),
    drop: (view, generation) => dropGeneration(connection, view, generation),
    close: async () => {
      await leases.close();
      await connection.close();
    },
  };
}
