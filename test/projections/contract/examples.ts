import type { Checkpoint, ViewDeclaration } from '../../../src/projections/record/viewDeclaration.ts';
import type { PageQuery, Parked, ViewDocument, ViewStore } from '../../../src/projections/ports/documents.ts';
import type { ReadModel } from '../../../src/projections/ports/readModel.ts';
import { ReadModelError } from '../../../src/projections/record/readModelError.ts';
import { searchText } from '../../../src/projections/views/search.ts';

/** An empty storage that one test owns. */
export interface ReadModelUnderTest {
  readModel: ReadModel;
  /** Opens the same storage once more, beside what is open, as another process or the next start does. */
  another(): Promise<ReadModel>;
  /** The files that hold one of these texts, and which; only where the storage is files. */
  filesWith?(texts: readonly string[]): string[];
  /** Closes everything opened here, if it is not closed yet, and removes the storage. */
  close(): Promise<void>;
}

/** The storage of the test that runs, and generation 1 of PEOPLE in it. */
export interface OpenedView {
  storage(): ReadModelUnderTest;
  view(): ViewStore;
}

export const PEOPLE: ViewDeclaration = { name: 'people', version: 1, lookups: ['dni', 'cuenta'] };

export const everything: PageQuery = { after: 0, limit: 1_000, words: [] };

/** A checkpoint right behind an event of our own. */
export const at = (position: bigint): Checkpoint => ({
  position,
  event: { position, id: `event-${position.toString()}` },
});

export const person = (id: number, revision: number, name = `Person ${id}`): ViewDocument => ({
  id,
  revision,
  body: { id, name, revision },
  search: searchText(name),
  lookup: { dni: `${id}X` },
  parked: null,
});

export const tombstone = (id: number, revision: number): ViewDocument => ({
  id,
  revision,
  body: null,
  search: '',
  lookup: {},
  parked: null,
});

/** The document, parked at the event behind it after so many tries. */
export const parked = (document: ViewDocument, attempts = 1): ViewDocument => ({
  ...document,
  parked: parkedAt(document.revision + 1, attempts),
});

const parkedAt = (revision: number, attempts: number): Parked => ({
  revision,
  position: String(9_007_199_254_740_993n + BigInt(revision)),
  type: 'PersonaProfileUpdated',
  reason: `TypeError: try ${attempts}`,
  attempts,
  at: '2026-03-01T08:00:00.000Z',
  heldUpTo: revision,
});

/** The parked document, holding back everything up to a revision. */
export const holding = (document: ViewDocument, heldUpTo: number): ViewDocument => ({
  ...document,
  parked: document.parked && { ...document.parked, heldUpTo },
});

/** A subject whose first event could not be applied. */
export const neverGood = (id: number): ViewDocument => parked(tombstone(id, -1));

export const ids = (documents: readonly ViewDocument[]): number[] => documents.map((document) => document.id);

export const byId = (documents: readonly ViewDocument[]): ViewDocument[] =>
  [...documents].sort((a, b) => a.id - b.id);

/** The ReadModelError that it rejects with. */
export async function readModelError(promise: Promise<unknown>): Promise<ReadModelError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof ReadModelError) return error;
    throw error;
  }
  throw new Error('it was not rejected');
}
