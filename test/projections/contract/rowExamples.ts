import { expect } from 'chai';
import fc from 'fast-check';
import type { Row, RowPage, RowQuery, RowReader, RowStore } from '../../../src/projections/ports/rows.ts';
import type { ViewDeclaration } from '../../../src/projections/record/viewDeclaration.ts';
import type { ReadModelUnderTest } from './examples.ts';

/** The storage of the test that runs, and generation 1 of FACTS in it, sealed. */
export interface OpenedRows {
  storage(): ReadModelUnderTest;
  rows(): RowStore;
  /** Runs of a property. */
  runs: number;
}

export const FACTS: ViewDeclaration = { name: 'facts', version: 1 };

export const all: RowQuery = {
  keys: [],
  accepts: null,
  from: null,
  to: null,
  upTo: 1_000n,
  after: null,
  order: 'desc',
  limit: 50,
  scan: 1_000,
};

export const row = (position: bigint, instant: number, keys: string[] = []): Row => ({
  position,
  at: instant,
  keys,
  json: JSON.stringify({ n: Number(position), said: `row ${position}` }),
});

export const numberIn = (json: string): number => (JSON.parse(json) as { n: number }).n;

export const positions = ({ rows }: Pick<RowPage, 'rows'>): bigint[] => rows.map(({ position }) => position);

const key = fc.constantFrom('a', 'b', 'c');

export const someRows = fc.uniqueArray(
  fc
    .record({
      position: fc.integer({ min: 1, max: 60 }),
      at: fc.integer({ min: 0, max: 8 }),
      keys: fc.uniqueArray(key),
    })
    .map(({ position, at, keys }) => row(BigInt(position), at, keys)),
  { selector: ({ position }) => position, maxLength: 30 },
);

/** A query from the start. */
export type Question = Omit<RowQuery, 'after'>;

export const question: fc.Arbitrary<Question> = fc.record({
  keys: fc.uniqueArray(key),
  from: fc.option(fc.integer({ min: 0, max: 8 })),
  to: fc.option(fc.integer({ min: 0, max: 8 })),
  upTo: fc.bigInt({ min: 0n, max: 70n }),
  order: fc.constantFrom<'asc' | 'desc'>('asc', 'desc'),
  limit: fc.integer({ min: 1, max: 6 }),
  scan: fc.integer({ min: 1, max: 9 }),
  accepts: fc.constantFrom(null, (json: string) => numberIn(json) % 2 === 0),
});

/** All pages of a question, one after the other. */
export async function walk(rows: RowReader, query: RowQuery): Promise<bigint[]> {
  const walked: bigint[] = [];
  for (let { after } = query, pages = 0; ; pages += 1) {
    const page = await rows.find({ ...query, after });
    expect(page.rows.length).to.be.at.most(query.limit);
    walked.push(...positions(page));
    if (page.next === null) return walked;
    expect(pages, 'pages').to.be.below(100);
    after = page.next;
  }
}

/** What a question should find. */
export function modelOf(rows: readonly Row[], { keys, from, to, upTo, order, accepts }: Question): bigint[] {
  const found = rows.filter(
    (one) =>
      keys.every((key) => one.keys.includes(key)) &&
      (from === null || one.at >= from) &&
      (to === null || one.at < to) &&
      one.position <= upTo &&
      (accepts?.(one.json) ?? true),
  );
  const sorted = found.sort((a, b) => a.at - b.at || Number(a.position - b.position));
  return (order === 'asc' ? sorted : sorted.reverse()).map(({ position }) => position);
}
