import { expect } from 'chai';
import { join } from 'node:path';
import { newFolder, removeFolder } from '../support/folder.ts';
import { eventually } from '../support/eventually.ts';
import { startCli } from '../support/cli.ts';
import { describeLong } from '../support/long.ts';
import { madeUpCuenta, writeMadeUpLog } from '../support/madeUpLog.ts';
import { startServer, type ServerProcess } from '../support/serverProcess.ts';
import { SECRET, tokenOf } from '../support/tokens.ts';

/** REBUILD_EVENTS=1000000 tries it at the size that it is meant for; CI has 12,000. */
const EVENTS = Number(process.env['REBUILD_EVENTS'] ?? 6_000);
const PEOPLE = Math.ceil(EVENTS / 10);
const KILLS = 3;
const WRITERS = 4;
const READERS = 4;
/** Persons that are written and read; the rest of the log is what the rebuild has to get through. */
const WATCHED = 50;

interface Job {
  id: string;
  state: string;
  share: number;
  processed: number;
  error: string | null;
}

const admin = tokenOf('admin');

async function call(
  url: string,
  method: string,
  path: string,
  token: string,
  body?: object,
): Promise<Response> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return fetch(`${url}${path}`, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
}

/** The revision that an ETag names: `"7.12"` is revision 12 of person 7. */
const revisionOf = (response: Response): number =>
  Number(/^"\d+\.(\d+)"$/.exec(response.headers.get('etag') ?? '')?.[1] ?? Number.NaN);

/** Everybody reads and writes until the server is gone. What a reader sees never goes back, and nobody is ever missing. */
class Traffic {
  /** By person, the highest revision that was acknowledged or shown; across restarts, for a view must not go back then either. */
  readonly seen = new Map<number, number>();
  readonly wrongs: string[] = [];
  reads = 0;
  writes = 0;

  async run(url: string): Promise<void> {
    await Promise.all([
      ...Array.from({ length: WRITERS }, (_, n) => this.#untilGone((round) => this.#write(url, n, round))),
      ...Array.from({ length: READERS }, (_, n) =>
        this.#untilGone((round) => this.#read(url, n + round * READERS)),
      ),
      this.#untilGone(() => this.#list(url)),
    ]);
  }

  async #untilGone(what: (round: number) => Promise<void>): Promise<void> {
    for (let round = 0; ; round += 1) {
      try {
        await what(round);
      } catch {
        return;
      }
    }
  }

  async #write(url: string, writer: number, round: number): Promise<void> {
    const id = ((writer + round * WRITERS) % WATCHED) + 1;
    const token = tokenOf('asistente', madeUpCuenta(id));
    const response = await call(url, 'PUT', '/api/personas/me', token, { telefono: `+${writer}${round}` });
    await response.arrayBuffer();
    if (response.status === 503) return;
    if (response.status !== 200) this.wrongs.push(`writing persona-${id}: ${response.status}`);
    else this.#saw(id, revisionOf(response), this.seen.get(id) ?? -1);
    this.writes += 1;
  }

  async #read(url: string, n: number): Promise<void> {
    const id = (n % WATCHED) + 1;
    const before = this.seen.get(id) ?? -1;
    const response = await call(url, 'GET', `/api/personas/${id}`, admin);
    await response.arrayBuffer();
    if (response.status === 503) return;
    if (response.status !== 200) this.wrongs.push(`reading persona-${id}: ${response.status}`);
    else this.#saw(id, revisionOf(response), before);
    this.reads += 1;
  }

  /** A page of the view itself has everybody on it. */
  async #list(url: string): Promise<void> {
    const response = await call(url, 'GET', '/api/personas?limit=100', admin);
    const { personas } = (await response.json()) as { personas?: unknown[] };
    if (response.status === 503) return;
    const expected = Math.min(100, Math.ceil(PEOPLE / 2));
    if (personas?.length !== expected)
      this.wrongs.push(`a page of ${personas?.length ?? 0}, not of ${expected}`);
    this.reads += 1;
  }

  #saw(id: number, revision: number, before: number): void {
    if (!(revision >= before)) this.wrongs.push(`persona-${id} went back from ${before} to ${revision}`);
    this.seen.set(id, Math.max(revision, this.seen.get(id) ?? -1));
  }
}

async function jobOf(url: string, id: string): Promise<Job> {
  return (await (await call(url, 'GET', `/admin/jobs/${id}`, admin)).json()) as Job;
}

async function kill(server: ServerProcess, traffic: Promise<void>): Promise<void> {
  server.process.kill('SIGKILL');
  await server.ended;
  await traffic;
}

describeLong('A rebuild whose process is killed', function () {
  this.timeout(60_000 + EVENTS * 2);

  for (const view of ['personas', 'history']) {
    it(`ends with views that equal the events; meanwhile readers of ${view} never miss data or see older data`, async () => {
      const folder = newFolder();
      await writeMadeUpLog(join(folder, 'events.db'), { events: EVENTS, people: PEOPLE });
      const traffic = new Traffic();
      let server = await startServer(folder);
      let running = traffic.run(server.url);
      const begun = await call(server.url, 'POST', `/admin/projections/${view}/rebuild`, admin);
      expect(begun.status).to.equal(202);
      const { id } = (await begun.json()) as Job;
      expect((await call(server.url, 'POST', `/admin/projections/${view}/rebuild`, admin)).status).to.equal(
        409,
      );
      let kills = 0;
      for (; kills < KILLS; kills += 1) {
        // Somewhere in the next third of it, or where it is by then.
        const from = traffic.reads + Math.random() * 100;
        const share = (kills + Math.random()) / KILLS;
        const { url } = server;
        await eventually(
          'some of it is done',
          async () => {
            const job = await jobOf(url, id);
            return job.state !== 'running' || (job.share >= share * 0.9 && traffic.reads > from);
          },
          30_000 + EVENTS,
        );
        await kill(server, running);
        server = await startServer(folder);
        running = traffic.run(server.url);
      }
      const { url } = server;
      const job = await eventually(
        'the job ends',
        async () => {
          const now = await jobOf(url, id);
          return now.state === 'running' ? null : now;
        },
        30_000 + EVENTS,
      );
      expect(job).to.include({ state: 'done', error: null, share: 1 });
      await kill(server, running);

      expect(traffic.wrongs).to.deep.equal([]);
      expect(traffic.writes).to.be.greaterThan(10);
      expect(traffic.reads).to.be.greaterThan(10);
      const verified = await startCli(['verify'], { DATA_DIR: folder, JWT_SECRET: SECRET }).ended;
      expect(verified).to.deep.include({ code: 0 });
      if (process.env['REBUILD_EVENTS'])
        console.log({
          view,
          kills,
          ...job,
          reads: traffic.reads,
          writes: traffic.writes,
          said: verified.stdout,
        });
      removeFolder(folder);
    });
  }
});
