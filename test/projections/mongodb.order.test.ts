import { setImmediate as nextTick } from 'node:timers/promises';
import { expect } from 'chai';
import { ReadModelError } from '../../src/projections/record/readModelError.ts';
import type { MongoConnection } from '../../src/platform/mongodb/connection.ts';
import { openRowView } from '../../src/projections/stores/mongodb/rows/rowViews.ts';
import { openView } from '../../src/projections/stores/mongodb/documents/documentViews.ts';
import { rejection } from './faultyMongo.ts';

const WRITES = ['bulkWrite', 'insertMany', 'updateOne'];

/** A server that answers every command at the next tick; it refuses those that `fails` names. `done` lists the writes that it has carried out. */
function scriptedServer(): { connection: MongoConnection; done: string[]; fails: Set<string> } {
  const done: string[] = [];
  const fails = new Set<string>();
  const collection = (name: string): object =>
    new Proxy(
      { collectionName: name },
      {
        get(target, member, receiver) {
          if (typeof member !== 'string' || member in target)
            return Reflect.get(target, member, receiver) as unknown;
          return async () => {
            await nextTick();
            if (fails.has(member)) throw new ReadModelError('the disk is full');
            if (WRITES.includes(member)) done.push(`${member} of ${name}`);
            return member === 'updateOne' ? { matchedCount: 1 } : null;
          };
        },
      },
    );
  const connection = { db: { collection }, timeLimitMs: 1_000, close: async () => undefined };
  return { connection: connection as unknown as MongoConnection, done, fails };
}

const PERSONAS = { name: 'personas', version: 1 };
const HISTORY = { name: 'history', version: 1 };
const TO = { position: 1n, event: null };
const DOCUMENT = { id: 1, revision: 0, body: {}, search: '', lookup: {}, parked: null };
const ROW = { position: 1n, at: 0, keys: ['type:A'], json: '{}' };

const batches: [what: string, write: string, apply: (connection: MongoConnection) => Promise<unknown>][] = [
  [
    'documents',
    'bulkWrite of personas_v1_g1',
    async (connection) =>
      (await openView(connection, PERSONAS, 1)).write({ documents: [DOCUMENT], from: null, to: TO }),
  ],
  [
    'rows',
    'insertMany of history_v1_g1',
    async (connection) =>
      (await openRowView(connection, HISTORY, 1)).write({ rows: [ROW], from: null, to: TO }),
  ],
  [
    'rows of a build',
    'insertMany of history_v1_g1',
    async (connection) =>
      (await openRowView(connection, HISTORY, 1)).fill({ rows: [ROW], from: null, to: TO }),
  ],
];

describe('A batch in MongoDB', () => {
  for (const [what, write, apply] of batches) {
    it(`stores its ${what} before it moves the checkpoint`, async () => {
      const { connection, done } = scriptedServer();
      expect(await apply(connection)).to.equal('written');
      expect(done.slice(-2)).to.deep.equal([write, 'updateOne of controls']);
    });

    it(`leaves the checkpoint where it was if its ${what} cannot be stored`, async () => {
      const { connection, done, fails } = scriptedServer();
      for (const name of ['bulkWrite', 'insertMany']) fails.add(name);
      await rejection(apply(connection));
      // The only update of the control document is the one that begins the generation.
      expect(done).to.deep.equal(['updateOne of controls']);
    });
  }
});
