import type { Row, RowPlace, RowQuery, RowStore } from '../../src/projections/ports/rows.ts';
import { gatherPage } from '../../src/projections/ports/rowPage.ts';
import {
  expectPresent,
  moveCheckpoint,
  type MemoryGeneration,
  type MemoryReadModelOptions,
} from './memoryReadModel.ts';

/** A generation of an insert-only view in memory. Queries find new rows at once, so sealing has nothing to do. */
export function memoryRowStore(
  generation: MemoryGeneration,
  { betweenWrites }: Pick<MemoryReadModelOptions, 'betweenWrites'>,
): RowStore {
  const insert = (rows: readonly Row[]): void => {
    for (const row of rows) if (!generation.rows.has(row.position)) generation.rows.set(row.position, row);
  };
  const write: RowStore['write'] = async ({ rows, from, to }) => {
    expectPresent(generation);
    if (betweenWrites) {
      insert(rows);
      await betweenWrites();
    }
    if (!moveCheckpoint(generation, from, to)) return 'refused';
    insert(rows);
    return 'written';
  };
  return {
    checkpoint: async () => expectPresent(generation).checkpoint,
    write,
    fill: write,
    seal: async () => {
      expectPresent(generation);
    },
    async erase(rows) {
      const stored = expectPresent(generation).rows;
      for (const row of rows) if (stored.has(row.position)) stored.set(row.position, row);
    },
    async repair(position, row) {
      expectPresent(generation).rows.delete(position);
      if (row) insert([row]);
    },
    async scan({ after, limit }) {
      const rows = [...expectPresent(generation).rows.values()];
      return rows
        .filter(({ position }) => after === null || position > after)
        .sort((a, b) => (a.position < b.position ? -1 : 1))
        .slice(0, limit)
        .map(({ position, json }) => ({ position, json }));
    },
    async misplaced(rows) {
      const stored = expectPresent(generation).rows;
      const isInPlace = ({ position, at, keys }: Row): boolean => {
        const found = stored.get(position);
        return found?.at === at && [...found.keys].sort().join() === [...keys].sort().join();
      };
      return rows.filter((row) => !isInPlace(row)).map(({ position }) => position);
    },
    // Null, because `misplaced` compares all keys of a row.
    countEntries: async () => null,
    async find(query) {
      const page = gatherPage(query);
      for (const row of walked([...expectPresent(generation).rows.values()], query)) {
        const { at, position, json } = row;
        const { keys, upTo, accepts } = query;
        const belongs =
          position <= upTo &&
          keys.every((key) => row.keys.includes(key)) &&
          (accepts === null || accepts(json));
        if (!page.look(row, belongs ? { at, position, json } : null)) return page.end(false);
      }
      return page.end(true);
    },
  };
}

/** The rows that a query examines, in its order: those of its rarest key. */
function walked(rows: readonly Row[], { keys, from, to, after, order }: RowQuery): Row[] {
  const direction = order === 'asc' ? 1 : -1;
  const byKey = keys.map((key) => rows.filter((row) => row.keys.includes(key)));
  const [fewest = rows] = byKey.sort((a, b) => a.length - b.length);
  return fewest
    .filter(({ at }) => (from === null || at >= from) && (to === null || at < to))
    .sort((a, b) => direction * compare(a, b))
    .filter((row) => after === null || direction * compare(row, after) > 0);
}

const compare = (a: RowPlace, b: RowPlace): number =>
  a.at - b.at || (a.position < b.position ? -1 : Number(a.position > b.position));
