import { expect } from 'chai';
import { existsSync, readdirSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { eventually } from '../support/eventually.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { asCsv, memberList } from '../support/memberList.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

const token = tokenOf('admin');
const MAX_BYTES = 20_000;

describe('An upload to /imports', () => {
  let folder: string;
  let service: TestService;

  before(async () => {
    folder = newFolder();
    service = await startTestService({ dataDir: folder, maxImportBytes: MAX_BYTES });
  });
  after(async () => {
    await service.stop();
    removeFolder(folder);
  });
  afterEach(async () => {
    await eventually('nothing is left of the upload', () => uploads().length === 0);
    expect((await service.events()).some(({ type }) => type === 'UserRegistered')).to.equal(false);
  });

  const uploads = (): string[] =>
    existsSync(join(folder, 'imports')) ? readdirSync(join(folder, 'imports')) : [];

  async function refused(
    body: string | Buffer,
    { type = 'text/csv', query = '', chunked = false, headers = {} } = {},
  ): Promise<{ status: number; code: unknown; detail: unknown; errors: unknown; reason: unknown }> {
    const sent = { token, body, chunked, headers: { 'content-type': type, ...headers } };
    const answer = await service.send('POST', `/imports${query}`, sent);
    const { code, detail, errors, reason } = answer.body as Record<string, unknown>;
    return { status: answer.status, code, detail, errors, reason };
  }

  it('is refused if it is too large, with or without Content-Length (413)', async () => {
    const large = 'a'.repeat(MAX_BYTES + 1);
    const detail = `the list has more than ${MAX_BYTES} bytes`;
    for (const chunked of [false, true])
      expect(await refused(large, { chunked })).to.deep.include({ status: 413, code: 'too-large', detail });
  });

  for (const [path, type] of [
    ['/imports', 'text/csv'],
    ['/users/edit', 'application/json'],
  ] as const)
    it(`is answered if the client has to send all of it before it reads the answer (${path})`, async () => {
      const { hostname, port } = new URL(service.service.url);
      const socket = connect(Number(port), hostname);
      const piece = Buffer.alloc(256 * 1024, 'a');
      const pieces = 64;
      const head = [
        `POST ${path} HTTP/1.1`,
        'host: localhost',
        `authorization: Bearer ${token}`,
        `content-type: ${type}`,
        `content-length: ${pieces * piece.length}`,
      ];
      const send = (data: string | Buffer): Promise<void> =>
        new Promise((resolve, reject) => {
          socket.write(data, (error) => {
            if (error) reject(error);
            else resolve();
          });
        });
      await send(`${head.join('\r\n')}\r\n\r\n`);
      for (let sent = 0; sent < pieces; sent += 1) await send(piece);
      socket.end();
      expect(await text(socket)).to.match(/^HTTP\/1.1 413 .*"code":"too-large"|^HTTP\/1.1 413 .*too large/s);
    });

  it('is refused in another content type, charset or content encoding (415)', async () => {
    const list = asCsv(memberList(1));
    const wrong = [
      { type: 'application/json' },
      { type: 'multipart/form-data; boundary=x' },
      { type: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet' },
      { type: 'text/csv; charset=klingon' },
      { type: 'text/csv; charset=utf-8; charset=cp850' },
      { type: 'text/csv;;=' },
      { headers: { 'content-encoding': 'gzip' } },
    ];
    for (const one of wrong)
      expect(await refused(list, one), JSON.stringify(one)).to.deep.include({
        status: 415,
        code: 'unsupported-media-type',
      });
  });

  it('is refused with all bad parameters by name (400)', async () => {
    const { status, errors } = await refused('x', {
      query:
        '?kind=people&update=yes&map=nothing&encoding=ebcdic&dates=us&separator=x&decimal=y&reason=&dryRun=1',
    });
    expect(status).to.equal(400);
    expect((errors as { path: string }[]).map(({ path }) => path)).to.have.members(
      ['kind', 'update', 'map', 'encoding', 'dates', 'separator', 'decimal', 'reason', 'dryRun'].map(
        (name) => `/${name}`,
      ),
    );
    expect((await refused('x', { query: '?what=1' })).errors).to.have.length(1);
  });

  it('is refused when it is no list, in one message that repeats nothing of it (400)', async () => {
    const files: [string | Buffer, RegExp][] = [
      ['', /empty/],
      ['\n\n \n', /empty/],
      [Buffer.from('PK\u0003\u0004 secret'), /workbook/],
      [gzipSync(asCsv(memberList(20))), /compressed/],
      ['<html><body>secret</body></html>', /web page/],
      ['[{"dni":"secret"}]', /JSON array/],
      ['secret,columns\n1,2\n', /header line/],
      ['IdUsuario,IdUsuario,cuota\n1,1,2\n', /columns A and B are both IdUsuario|missing/],
      [Buffer.alloc(5_000), /./],
      ['"'.repeat(2_000), /./],
      ['a\n'.repeat(5_000), /./],
    ];
    for (const [file, message] of files) {
      for (const query of ['', '?dryRun=true']) {
        const answer = await refused(file, { query });
        expect(answer, String(message)).to.deep.include({ status: 400, code: 'invalid' });
        expect(answer.detail).to.match(message);
        expect(JSON.stringify(answer)).not.to.include('secret');
      }
    }
  });

  it('is refused if map names a heading that the list does not have', async () => {
    const query = `?update=true&map=${encodeURIComponent('Carné=IdUsuario')}`;
    const { status, detail, reason } = await refused('dni,cuota\n1,2\n', { query });
    expect(status).to.equal(400);
    expect(detail).to.match(/^the parameter map names a heading .*: carne \(.*columns for dni, cuota$/);
    const members = ['dni', 'cuota'];
    expect(reason).to.deep.equal({ code: 'map-unmatched', wanted: ['carne'], members, columns: [] });
  });

  it('is refused when NDJSON does not show what it holds, and when CSV comes as NDJSON', async () => {
    const { detail, reason } = await refused('{"dni":"1"}\n', { type: 'application/x-ndjson' });
    expect(reason).to.deep.equal({ code: 'kind-of-members' });
    expect(detail).to.match(/say kind=users or kind=personas/);
    expect(await refused('{"dni":"1"}\n')).to.deep.include({
      status: 400,
      detail:
        'the file is named or said to be CSV but holds JSON objects: say Content-Type: application/x-ndjson',
    });
  });

  it('leaves nothing behind when the client goes away in the middle', async () => {
    const { hostname, port } = new URL(service.service.url);
    const request = httpRequest({
      hostname,
      port,
      method: 'POST',
      path: '/imports',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'text/csv', 'content-length': '1000' },
    });
    request.on('error', () => undefined);
    request.write('dni;nombre\n');
    await eventually('the upload has begun', () => uploads().length > 0);
    request.destroy();
  });

  it('waits its turn: beyond four at the same time it is 429', async () => {
    const { hostname, port } = new URL(service.service.url);
    const open = Array.from({ length: 4 }, () => {
      const request = httpRequest({
        hostname,
        port,
        method: 'POST',
        path: '/imports?dryRun=true',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'text/csv', 'content-length': '1000' },
      });
      request.on('error', () => undefined);
      request.write('dni');
      return request;
    });
    await eventually('four uploads have begun', () => uploads().length === 4);
    const fifth = await refused('x', { query: '?dryRun=true' });
    expect(fifth).to.deep.include({ status: 429, code: 'too-many-requests' });
    for (const request of open) request.destroy();
    await eventually('there is room again', () => uploads().length === 0);
    expect((await refused('x', { query: '?dryRun=true' })).status).to.equal(400);
  });
});
