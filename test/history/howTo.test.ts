import { expect } from 'chai';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PAGE = readFileSync(join(ROOT, 'docs/how-to/answer-an-audit-question.md'), 'utf8');

interface Ended {
  code: number | null;
  out: string;
  err: string;
}

describe('docs/how-to/answer-an-audit-question.md', function () {
  this.timeout(60_000);
  let folder: string;
  let server: ChildProcess;
  let environment: NodeJS.ProcessEnv;

  /** Runs padron as `npx padron` in the checkout does. */
  const padron = (...args: string[]): ChildProcess =>
    spawn(process.execPath, [join(ROOT, 'bin/padron.js'), ...args], { env: environment, cwd: ROOT });

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'padron-how-to-'));
    environment = {
      PATH: process.env['PATH'],
      DATA_DIR: join(folder, 'data'),
      PORT: '0',
      LOG_LEVEL: 'error',
    };
    server = padron('serve');
    environment = { ...environment, URL: await urlIn(server) };
    const token = (await ended(padron('token', '--sub', 'tesorera', '--role', 'monitor'))).out.trim();
    const edit = {
      dni: '45678912C',
      nombre: 'María',
      apellidos: 'Rodríguez García',
      direccion: 'Calle Luna 12',
      CP: '46001',
      provincia: 'Valencia',
      poblacion: 'Valencia',
      pais: 'España',
      email: 'maria@example.com',
      telefono: '611222333',
      fechaalta: '2024-03-15',
      formadepago: 'Transferencia',
      cuota: 40,
      categoria: 'socio',
      socio: 'Socio',
    };
    const edited = await fetch(`${environment['URL']}/users/edit`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(edit),
    });
    expect(edited.status).to.equal(200);
  });

  after(async () => {
    server.kill('SIGTERM');
    await ended(server);
    rmSync(folder, { recursive: true });
  });

  it('does what it says', async () => {
    const snippets = [...PAGE.matchAll(/^```sh\n(.*?)^```/gms)].map(([, text = '']) => text);
    // `npx padron` finds the checkout's own program; it is called directly, for npx takes a second each time.
    const own = `npx() { shift; '${process.execPath}' '${join(ROOT, 'bin/padron.js')}' "$@"; }\ncd '${folder}'`;
    const script = [own, ...snippets].join('\necho; echo "=== $?"\n');
    const { code, out, err } = await ended(
      spawn('bash', ['--norc', '-eu', '-o', 'pipefail', '-c', script], {
        env: environment,
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    );
    expect(err).to.equal('');
    expect(code).to.equal(0);
    const [, , asked, ofAccount, was, , reverted, told] = out.split(/^=== 0$/m);
    const [edit] = (JSON.parse(asked!) as { entries: unknown[] }).entries;
    expect(edit).to.deep.include({
      actor: { account: 'tesorera', role: 'monitor' },
      changes: [{ field: 'cuota', before: 25, after: 40 }],
    });
    expect((JSON.parse(ofAccount!) as { entries: unknown[] }).entries).to.deep.equal([edit]);
    expect(was)
      .to.contain('"cuota":25')
      .and.to.contain('"cuota":40')
      .and.to.contain('"before":25,"after":40');
    expect(JSON.parse(reverted!)).to.include({ cuota: 25 });
    expect(told).to.contain('because: The fee was raised by mistake').and.to.contain('- 40  + 25');
    const csv = readFileSync(join(folder, 'fees.csv'), 'utf8');
    expect(csv).to.contain(',tesorera,monitor,').and.to.contain(',cuota,25,40\r\n');
    expect(readFileSync(join(folder, 'fees.ndjson'), 'utf8').trimEnd().split('\n')).to.have.lengthOf(2);
  });

  describe('padron history', () => {
    const history = (...args: string[]): Promise<Ended> => ended(padron('history', ...args));

    it('answers the same entries as JSON as the server does', async () => {
      const token = (await ended(padron('token', '--sub', 'a', '--role', 'admin'))).out.trim();
      const answer = await fetch(`${environment['URL']}/users/45678912C/history?field=cuota&limit=2`, {
        headers: { authorization: `Bearer ${token}` },
      });
      const { entries } = (await answer.json()) as { entries: unknown[] };
      const { code, out } = await history('45678912C', '--field', 'cuota', '--limit', '2', '--json');
      expect(code).to.equal(0);
      expect(JSON.parse(out)).to.deep.equal({ entries, next: null });
    });

    it('has exit codes that tell a wrong call from nobody', async () => {
      expect(await history('nobody')).to.include({
        code: 1,
        err: 'padron: there is no such person or user\n',
      });
      expect((await history('5', '--limit', '0')).code).to.equal(2);
      expect((await history('5', '--at', 'today')).code).to.equal(2);
      expect((await history()).code).to.equal(2);
      expect(await history('user-15', '--at', '2020-01-01T00:00:00Z')).to.include({ code: 1 });
    });

    it('has no colours where it is not on a terminal', async () => {
      expect((await history('persona-5')).out)
        .to.contain('+ "María"')
        .and.not.to.contain('\u001b');
    });
  });
});

function ended(child: ChildProcess): Promise<Ended> {
  return new Promise((resolve, reject) => {
    let [out, err] = ['', ''];
    child.stdout?.on('data', (text: Buffer) => (out += text.toString()));
    child.stderr?.on('data', (text: Buffer) => (err += text.toString()));
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({ code, out, err });
    });
  });
}

/** Where the server listens, from its banner. */
function urlIn(server: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let out = '';
    server.stdout?.on('data', (text: Buffer) => {
      out += text.toString();
      const url = /^padron (http:\S+)/m.exec(out)?.[1];
      if (url !== undefined) resolve(url);
    });
    server.once('close', () => {
      reject(new Error(`the server ended: ${out}`));
    });
  });
}
