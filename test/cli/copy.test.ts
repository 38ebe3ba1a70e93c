import { expect } from 'chai';
import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { createCommandSide } from '../../src/commands/handling/commandSide.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { NO_REVISION, type EventStore, type RecordedEvent } from '../../src/events/eventStore.ts';
import { settingsKey } from '../../src/events/bookkeeping/settings.ts';
import { openStoredEvents } from '../../src/service/stores.ts';
import { OtherLogError } from '../../src/cli/copying/compareLogs.ts';
import { copyLog } from '../../src/cli/copying/copyLog.ts';
import { event } from '../events/contract/steps.ts';
import { runCli, startCli } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';
import { EventStoreDbServer } from '../support/eventStoreDbServer.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { describeLong, itLong } from '../support/long.ts';
import { asNdjson, memberList } from '../support/memberList.ts';
import { connect } from '../support/client.ts';
import { startServer } from '../support/serverProcess.ts';
import { tokenOf } from '../support/tokens.ts';

const MEMBERS = 150;

type Content = Omit<RecordedEvent, 'position'>;

/** Everything of the log but its positions, which are the log's own. */
async function contentOf(store: EventStore): Promise<Content[]> {
  const events = await store.readAll(null, 1_000_000);
  return events.map((stored) => {
    const { position: _position, ...content } = stored;
    return content;
  });
}

describe('padron copy', function () {
  this.timeout(60_000);
  let server: EventStoreDbServer;
  let folder: string;
  let from: string;
  let opened: EventStore[];

  before(async () => {
    server = await EventStoreDbServer.start();
    from = newFolder();
    const run = await runCli(['import', '-'], { DATA_DIR: from }, asNdjson(memberList(MEMBERS)));
    expect(run.code).to.equal(0);
  });
  after(async () => {
    removeFolder(from);
    await server.close();
  });
  beforeEach(async () => {
    await server.reset();
    folder = newFolder();
    opened = [];
  });
  afterEach(async () => {
    await Promise.all(opened.map((store) => store.close()));
    removeFolder(folder);
  });

  async function open(place: { dataDir?: string; eventStoreUrl?: string }): Promise<EventStore> {
    const { dataDir = '', eventStoreUrl = null } = place;
    const store = await openStoredEvents({ dataDir, eventStoreUrl });
    opened.push(store);
    return store;
  }

  const copy = (to: string) => runCli(['copy', '--to', to], { DATA_DIR: from });

  const targets = {
    'another folder': () => ({ to: join(folder, 'copy'), place: { dataDir: join(folder, 'copy') } }),
    EventStoreDB: () => ({ to: server.url, place: { eventStoreUrl: server.url } }),
  };

  for (const [name, target] of Object.entries(targets)) {
    (name === 'EventStoreDB' ? describeLong : describe)(`to ${name}`, () => {
      it('copies streams, revisions, ids, data, metadata, order and settings exactly', async () => {
        const { to, place } = target();
        const { code, stdout, stderr } = await copy(to);
        expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
        const original = await contentOf(await open({ dataDir: from }));
        expect(await contentOf(await open(place))).to.deep.equal(original);
        expect(original.map(({ stream }) => stream)).to.include('padron-settings');
        expect(stdout).to.match(
          new RegExp(`^${original.length} events: ${original.length} copied, 0 already there`),
        );
        expect(stdout).to.contain('verified');
      });

      it('continues after an interruption and stores nothing twice', async () => {
        const { to, place } = target();
        const source = await open({ dataDir: from });
        const stop = new AbortController();
        const first = await copyLog({
          source,
          target: await open(place),
          signal: stop.signal,
          onProgress: ({ events }) => {
            if (events > 200) stop.abort();
          },
        });
        await opened.pop()?.close();
        expect(first.isWhole).to.equal(false);
        expect(first.events).to.be.within(201, MEMBERS * 2);

        const { code, stdout } = await copy(to);
        expect(code).to.equal(0);
        expect(stdout).to.contain(`${first.events} already there`);
        expect(await contentOf(await open(place))).to.deep.equal(await contentOf(source));
        const again = await copy(to);
        expect(again.stdout).to.match(/: 0 copied, \d+ already there/);
      });

      it('when repeated, copies only what was appended since', async () => {
        const { place } = target();
        const sourceFolder = join(folder, 'source');
        const source = await open({ dataDir: sourceFolder });
        const signal = new AbortController().signal;
        const to = await open(place);
        const options = { source, target: to, signal, onProgress: () => undefined };
        await source.append([
          { stream: 'persona-1', expected: NO_REVISION, events: [event('A'), event('B')] },
        ]);
        expect(await copyLog(options)).to.include({ events: 2, found: 0, isWhole: true });
        await source.append([{ stream: 'persona-1', expected: 1, events: [event('C')] }]);
        expect(await copyLog(options)).to.include({ events: 3, found: 2, isWhole: true });
        expect(await contentOf(to)).to.deep.equal(await contentOf(source));
      });

      it('refuses a target that holds other events of padron, and leaves it unchanged', async () => {
        const { to, place } = target();
        const other = await open(place);
        await other.append([{ stream: 'persona-7', expected: NO_REVISION, events: [event('Other')] }]);
        await opened.pop()?.close();
        const { code, stderr } = await copy(to);
        expect(code).to.equal(2);
        expect(stderr).to.contain('persona-7@0');
        expect(await contentOf(await open(place))).to.have.length(1);
      });
    });
  }

  it('refuses a target in which one event has different data', async () => {
    const [source, target] = [await open({ dataDir: folder }), await open({ eventStoreUrl: server.url })];
    const one = event('A', { n: 1 });
    await source.append([{ stream: 'persona-1', expected: NO_REVISION, events: [one] }]);
    await target.append([
      { stream: 'persona-1', expected: NO_REVISION, events: [{ ...one, data: { n: 2 } }] },
    ]);
    const signal = new AbortController().signal;
    const error = await copyLog({ source, target, signal, onProgress: () => undefined }).catch(
      (reason: unknown) => reason,
    );
    expect(error).to.be.instanceOf(OtherLogError);
  });

  it('keeps the order of interleaved streams, and batches the appends it can', async () => {
    const [source, target] = [await open({ dataDir: folder }), await open({ eventStoreUrl: server.url })];
    for (let n = 0; n < 40; n += 1) {
      const events = [event(`E${n}`), event(`F${n}`)];
      await source.append([
        { stream: `persona-${(n % 3) + 1}`, expected: Math.floor(n / 3) * 2 - 1, events },
      ]);
    }
    await copyLog({ source, target, signal: new AbortController().signal, onProgress: () => undefined });
    expect(await contentOf(target)).to.deep.equal(await contentOf(source));
    expect((await server.report()).calls['batchAppend'], 'two events of one stream a call').to.equal(40);
  });

  itLong('reports an interruption with exit code 1, after finishing the append under way', async () => {
    await server.misbehave({ delayMs: 300 });
    const running = startCli(['copy', '--to', server.url], { DATA_DIR: from });
    await eventually('it has begun', async () => ((await server.report()).calls['batchAppend'] ?? 0) > 3);
    running.process.kill('SIGTERM');
    const { code, stdout } = await running.ended;
    expect(code).to.equal(1);
    expect(stdout).to.contain('interrupted: run it again');
    await server.misbehave({ delayMs: 0 });
    expect((await copy(server.url)).code).to.equal(0);
  });

  it('refuses to copy an empty event store, such as a mistyped DATA_DIR', async () => {
    const [DATA_DIR, to] = [join(folder, 'mistyped'), join(folder, 'copy')];
    const run = await runCli(['copy', '--to', to], { DATA_DIR });
    expect(run.code).to.equal(2);
    expect(run.stderr).to.contain(`there is no padron data in ${DATA_DIR}`);
    expect([existsSync(DATA_DIR), existsSync(to)]).to.deep.equal([false, false]);
    await (await openStoredEvents({ dataDir: DATA_DIR, eventStoreUrl: null })).close();
    const empty = await runCli(['copy', '--to', to], { DATA_DIR });
    expect(empty.code).to.equal(2);
    expect(empty.stderr).to.contain('nothing to copy');
  });

  it('refuses a target that can hold no data, in one line', async () => {
    const { code, stderr } = await copy(join(from, 'events.db', 'copy'));
    expect(code).to.equal(2);
    expect(stderr).to.match(/^padron: --to \S+ cannot be created: \S+ is not a folder\n$/);
  });

  itLong('refuses a missing target, a copy onto itself and a folder that is being served', async () => {
    expect((await copy('http://somewhere')).code).to.equal(2);
    expect((await copy(from)).code).to.equal(2);
    const serving = await startServer(folder);
    const { code, stderr } = await copy(folder);
    serving.process.kill('SIGKILL');
    await serving.ended;
    expect(code).to.equal(2);
    expect(stderr).to.contain('padron serve');
  });

  itLong('makes a log that a server continues: its lookups, ids and reservations are there', async () => {
    const to = join(folder, 'copy');
    expect((await copy(to)).code).to.equal(0);
    // The keys are not in the log: they move apart from it.
    for (const name of ['keys.db', 'master-key']) copyFileSync(join(from, name), join(to, name));
    const serving = await startServer(to);
    const client = await connect(serving.url);
    const [member] = memberList(MEMBERS);
    const token = tokenOf('admin');
    const found = await client.send('GET', `/users/${String(member?.['dni'])}`, { token });
    client.close();
    serving.process.kill('SIGKILL');
    await serving.ended;
    expect(found.status).to.equal(200);
    expect(found.body).to.include({ IdUsuario: 1 });

    const store = await open({ dataDir: to });
    const key = await settingsKey({ store, clock: systemClock }, null);
    const commands = createCommandSide({ store, key, clock: systemClock });
    expect(await commands.sequence.next('user')).to.be.greaterThan(MEMBERS);
  });
});
