import { expect } from 'chai';
import type { Importer } from '../../src/commands/handling/importer.ts';
import type { ListLine } from '../../src/imports/list/listLine.ts';
import { reason } from '../../src/imports/reasons/reason.ts';
import type { List } from '../../src/imports/reading/readList.ts';
import { noCounts } from '../../src/imports/run/importCounts.ts';
import { importList } from '../../src/imports/run/importList.ts';

const SIZE = 10;

const listOf = (lines: readonly ListLine[]): List => ({
  format: 'ndjson',
  kind: () => 'personas',
  encoding: () => null,
  lines: (async function* () {
    yield* lines;
  })(),
});

const person = (line: number): ListLine => ({
  line,
  members: { id: line, nombres: 'Ana', apellidos: 'Gil', dni: `P${line}` },
  hints: {},
});

const broken = (line: number): ListLine => ({ line, problem: reason('not-json') });

describe('A list that is imported', () => {
  /** Refuses every record; those with an even id later than the others. */
  const refusing: Importer = {
    reserveIds: async () => undefined,
    reservedUpTo: async () => 0,
    prepareKeys: async () => undefined,
    async importRecord({ record }) {
      if (('id' in record ? Number(record.id) : 0) % 2 === 0) await new Promise(setImmediate);
      return 'id-taken';
    },
  };

  async function failuresOf(lines: readonly ListLine[]): Promise<number[][]> {
    const batches: number[][] = [];
    let batch: number[] = [];
    const counts = noCounts();
    await importList({
      list: listOf(lines),
      importer: refusing,
      report: { counts, fail: (line) => void batch.push(line) },
      signal: new AbortController().signal,
      batchSize: SIZE,
      onBatch() {
        batches.push(batch);
        batch = [];
      },
    });
    return batches;
  }

  it('reports its progress every batch also where all lines fail', async () => {
    const lines = Array.from({ length: 3 * SIZE }, (_, index) => broken(index + 1));
    const batches = await failuresOf(lines);
    expect(Math.max(...batches.map(({ length }) => length))).to.equal(SIZE);
    expect(batches.flat()).to.have.lengthOf(3 * SIZE);
  });

  it('reports the lines that fail in the order of the list, whatever refuses them', async () => {
    const lines = Array.from({ length: 2 * SIZE }, (_, index) =>
      index % 3 === 2 ? broken(index + 1) : person(index + 1),
    );
    expect((await failuresOf(lines)).flat()).to.deep.equal(lines.map(({ line }) => line));
  });
});
