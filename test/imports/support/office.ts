import { expect } from 'chai';
import { parse } from 'csv-parse/sync';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RecordedEvent } from '../../../src/events/eventStore.ts';
import { runCli, type CliRun } from '../../support/cli.ts';
import { eventually } from '../../support/eventually.ts';
import { newFolder, removeFolder } from '../../support/folder.ts';
import { asCsv, asNdjson, memberList, type MemberLine } from '../../support/memberList.ts';
import { startTestService, type TestService } from '../../support/service.ts';
import { tokenOf } from '../../support/tokens.ts';

/** One changed cell, with its values as padron stores them. */
export interface Cell {
  subject: string;
  member: string;
  from: unknown;
  to: unknown;
}

export const inOrder = (cells: readonly Cell[]): Cell[] =>
  [...cells].sort((a, b) => Number(JSON.stringify(a) > JSON.stringify(b)) || -1);

/** A server, the command line on its data, and a Spanish spreadsheet program. */
export interface Office {
  service: TestService;
  members: readonly MemberLine[];
  padron(...args: string[]): Promise<CliRun>;
  /** Writes a file and returns its path. */
  file(name: string, text: string): string;
  /** GET /users as a Spanish spreadsheet gets it, once `isThere` accepts its rows. */
  exported(isThere: (rows: MemberLine[]) => boolean): Promise<string>;
  /** The events with this correlation, as changed cells; fails at any other kind of event. */
  editedCells(correlation: string): Promise<Cell[]>;
  close(): Promise<void>;
}

/** An office with `count` users. */
export async function openOffice(count: number): Promise<Office> {
  const folder = newFolder();
  const dataDir = join(folder, 'data');
  const members = memberList(count);
  const padron = (...args: string[]): Promise<CliRun> => runCli(args, { DATA_DIR: dataDir });
  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const imported = await padron('import', file('members.ndjson', asNdjson(members)));
  expect(imported.stdout).to.contain(`${count} imported`);
  const service = await startTestService({ dataDir });
  const headers = { accept: 'text/csv; separator=semicolon' };

  return {
    service,
    members,
    padron,
    file,
    exported: (isThere) =>
      eventually(
        'the export shows everything',
        async () => {
          const { body } = await service.send('GET', '/users', { token: tokenOf('admin'), headers });
          return isThere(rowsOf(body as string)) && (body as string);
        },
        60_000,
      ),
    async editedCells(correlation) {
      const events = await service.events();
      return events.filter(({ metadata }) => metadata.$correlationId === correlation).flatMap(cellsOf);
    },
    async close() {
      await service.stop();
      removeFolder(folder);
    },
  };
}

/** The rows of a sheet, by the names of their columns. */
export const rowsOf = (sheet: string): MemberLine[] =>
  parse<MemberLine>(sheet, { bom: true, columns: true, delimiter: ';' });

/** The sheet with these cells changed, each given as the spreadsheet writes it. */
export function withCells(
  sheet: string,
  edits: readonly { id: number; member: string; cell: string }[],
): string {
  const rows = rowsOf(sheet);
  const byId = new Map(rows.map((row) => [Number(row['IdUsuario']), row]));
  for (const { id, member, cell } of edits) {
    const row = byId.get(id);
    if (!row || !(member in row)) throw new Error(`no ${member} of ${id}`);
    row[member] = cell;
  }
  return asCsv(rows);
}

function cellsOf({ type, stream, data }: RecordedEvent): Cell[] {
  expect(type).to.equal('UserEdited');
  const { changes } = data as { changes: Record<string, { from: unknown; to: unknown }> };
  return Object.entries(changes).map(([member, { from, to }]) => ({ subject: stream, member, from, to }));
}
