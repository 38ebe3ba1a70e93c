import { expect } from 'chai';
import { existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createUploads, UploadError } from '../../src/imports/jobs/uploads.ts';
import type { ImportOrder } from '../../src/imports/jobs/importOrder.ts';
import { lookAtList } from '../../src/imports/jobs/runImport.ts';
import { ListError } from '../../src/imports/list/listError.ts';
import { failureOf } from '../events/contract/steps.ts';
import { openFiles } from '../support/openFiles.ts';
import { makeUnreadable } from '../support/unreadableFile.ts';
import { newFolder, removeFolder } from '../support/folder.ts';

const MINUTE_MS = 60_000;

async function* pieces(...texts: string[]): AsyncGenerator<Buffer> {
  for (const text of texts) yield await Promise.resolve(Buffer.from(text));
}

const order: ImportOrder = {
  reading: {
    kind: 'users',
    format: 'csv',
    encoding: null,
    separator: null,
    decimal: null,
    dates: 'dmy',
    map: [['carné', 'dni']],
    isUpdate: true,
  },
  actor: { account: 'ana', role: 'admin' },
  requestId: 'r1',
  correlation: 'c1',
  reason: 'Annual review',
};

describe('Uploads', () => {
  let folder: string;
  beforeEach(() => {
    folder = join(newFolder(), 'imports');
  });
  afterEach(() => {
    removeFolder(join(folder, '..'));
  });

  it('are files that only their user can read, with what was asked for beside them', async () => {
    const uploads = createUploads(folder);
    const upload = (await uploads.receive(pieces('a;', 'b\n'), 4)) ?? '';
    await uploads.saveOrder(upload, order);
    expect(readFileSync(uploads.fileOf(upload), 'utf8')).to.equal('a;b\n');
    expect((openFiles() ?? []).filter((name) => name.startsWith(folder))).to.deep.equal([]);
    expect(await uploads.orderOf(upload)).to.deep.equal(order);
    const place = join(folder, upload);
    expect([place, ...readdirSync(place).map((name) => join(place, name))].map(modeOf)).to.deep.equal([
      0o700, 0o600, 0o600,
    ]);
  });

  it('leaves nothing of a list that is too long, or that does not arrive whole', async () => {
    const uploads = createUploads(folder);
    expect(await uploads.receive(pieces('a;b', '\n1'), 4)).to.equal(null);
    async function* broken(): AsyncGenerator<Buffer> {
      yield await Promise.resolve(Buffer.from('a;b'));
      throw new Error('gone');
    }
    const failure = await uploads.receive(broken(), 4).then(
      () => null,
      (error: unknown) => (error as Error).message,
    );
    expect(failure).to.equal('gone');
    expect(readdirSync(folder)).to.deep.equal([]);
    expect(uploads.any()).to.equal(false);
  });

  it('sweeps what no request and no unfinished import needs, once it is old', async () => {
    const uploads = createUploads(folder);
    const names = ['held', 'unfinished', 'new', 'old'] as const;
    const made = Object.fromEntries(
      await Promise.all(names.map(async (name) => [name, await uploads.receive(pieces(name), 100)] as const)),
    ) as Record<(typeof names)[number], string>;
    for (const name of names) {
      const written = new Date(Date.now() - (name === 'new' ? 4 : 6) * MINUTE_MS);
      utimesSync(uploads.fileOf(made[name]), written, written);
    }
    for (const name of ['unfinished', 'new', 'old'] as const) uploads.release(made[name]);
    await uploads.sweep(made.unfinished);
    expect(names.filter((name) => existsSync(uploads.fileOf(made[name])))).to.deep.equal([
      'held',
      'unfinished',
      'new',
    ]);
  });

  it('are lost when the list, or what was asked for, is missing or not whole', async () => {
    const uploads = createUploads(folder);
    const upload = (await uploads.receive(pieces('a'), 10)) ?? '';
    const lost = [
      uploads.orderOf(upload),
      uploads.orderOf('never'),
      lookAtList(uploads.fileOf('never'), order),
    ];
    for (const one of lost) {
      const error = await failureOf(one);
      expect(error).to.be.instanceOf(ListError).and.have.nested.property('reason.code', 'upload-lost');
    }
    writeFileSync(join(folder, upload, 'order.json'), JSON.stringify(order).slice(0, 20));
    expect(await failureOf(uploads.orderOf(upload))).to.be.instanceOf(ListError);
  });

  it('are refused for what is in them, if that is no list', async () => {
    const uploads = createUploads(folder);
    const upload = (await uploads.receive(pieces('\n'), 10)) ?? '';
    const error = await failureOf(lookAtList(uploads.fileOf(upload), order));
    expect(error).to.be.instanceOf(ListError).and.have.nested.property('reason.code', 'empty');
  });

  it('are not taken for lost while the disk cannot read them', async () => {
    const uploads = createUploads(folder);
    const upload = (await uploads.receive(pieces('a'), 10)) ?? '';
    await uploads.saveOrder(upload, order);
    const giveBack = ['list', 'order.json'].map((file) => makeUnreadable(join(folder, upload, file)));
    for (const one of [uploads.orderOf(upload), lookAtList(uploads.fileOf(upload), order)]) {
      const error = await failureOf(one);
      expect(error).to.be.instanceOf(UploadError);
      expect(error).to.have.property('message', 'the uploaded list cannot be read at the moment (ELOOP)');
    }
    expect(() => uploads.has(upload)).to.throw('ELOOP');
    for (const back of giveBack) back();
    expect(uploads.has(upload)).to.equal(true);
    expect(await uploads.orderOf(upload)).to.deep.equal(order);
  });
});

const modeOf = (path: string): number => statSync(path).mode & 0o777;
