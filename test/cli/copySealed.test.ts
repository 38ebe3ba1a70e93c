import { expect } from 'chai';
import { randomBytes, randomUUID } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { copyLog } from '../../src/cli/copying/copyLog.ts';
import { sealOnTheWay } from '../../src/cli/copying/sealOnTheWay.ts';
import { UnreadableData } from '../../src/events/codec.ts';
import { NO_REVISION, type EventStore, type RecordedEvent } from '../../src/events/eventStore.ts';
import { newEvent, systemOrigin } from '../../src/events/newEvent.ts';
import type { BookkeepingEvent } from '../../src/events/types.ts';
import { openEventStore, openStoredEvents } from '../../src/service/stores.ts';
import { runCli, type CliRun } from '../support/cli.ts';
import { EventStoreDbServer } from '../support/eventStoreDbServer.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { describeLong, itLong } from '../support/long.ts';
import { asNdjson, memberList } from '../support/memberList.ts';

const MEMBERS = 120;
const MASTER_KEY = randomBytes(32).toString('base64');
const SEALING = { wanted: null, masterKey: MASTER_KEY, previousMasterKey: null };
const SKIPPED_FOR = 'typing error of Pedro';
const KEY = `key-${'k'.repeat(43)}`;

/** What may come from older versions and other writers, besides an import. */
const OTHERS: [string, BookkeepingEvent | { type: 'UserEdited'; data: object }][] = [
  [
    'padron-skips',
    { type: 'EventSkipped', data: { view: 'users', subject: 'user-2', revision: 7, reason: SKIPPED_FOR } },
  ],
  [
    KEY,
    {
      type: 'CommandBegun',
      data: { route: 'POST /users/edit', bodyHash: 'hash-of-a-body', target: 'user-3', revision: 0 },
    },
  ],
  [KEY, { type: 'CommandSettled', data: {} }],
  ['user-3', { type: 'UserEdited', data: new UnreadableData('[not json of Pedro') }],
];

type Content = Pick<RecordedEvent, 'stream' | 'revision' | 'id' | 'type' | 'data' | 'metadata'>;

async function contentOf(store: EventStore): Promise<Content[]> {
  const events = await store.readAll(null, 1_000_000);
  return events.map(({ position: _, ...content }) => content);
}

describe('padron copy and sealing', function () {
  this.timeout(60_000);
  let server: EventStoreDbServer;
  let clear: string;
  let folder: string;
  let from: string;
  let opened: EventStore[];

  before(async () => {
    server = await EventStoreDbServer.start();
    clear = newFolder();
    const environment = { DATA_DIR: clear, SEALING: 'off' };
    expect(await runCli(['import', '-'], environment, asNdjson(memberList(MEMBERS)))).to.include({ code: 0 });
    const store = await openStoredEvents({ dataDir: clear, eventStoreUrl: null });
    const origin = { ...systemOrigin(randomUUID()), actor: { account: 'account-of-ines', role: 'admin' } };
    for (const [stream, one] of OTHERS) {
      const [last] = await store.readStream(stream, { backwards: true, limit: 1 });
      const event = newEvent(randomUUID(), one as BookkeepingEvent, origin, '2026-01-02T03:04:05.000Z');
      await store.append([{ stream, expected: last?.revision ?? NO_REVISION, events: [event] }]);
    }
    await store.close();
  });
  after(async () => {
    removeFolder(clear);
    await server.close();
  });
  beforeEach(async () => {
    await server.reset();
    folder = newFolder();
    from = join(folder, 'from');
    mkdirSync(from);
    for (const name of readdirSync(clear)) {
      if (name.startsWith('events.db')) copyFileSync(join(clear, name), join(from, name));
    }
    opened = [];
  });
  afterEach(async () => {
    await Promise.all(opened.map((store) => store.close()));
    removeFolder(folder);
  });

  type Place = { dataDir: string; eventStoreUrl: string | null };
  async function raw(place: Place): Promise<EventStore> {
    const store = await openStoredEvents(place);
    opened.push(store);
    return store;
  }
  const copy = (to: string, ...options: string[]): Promise<CliRun> =>
    runCli(['copy', '--to', to, ...options], { DATA_DIR: from, MASTER_KEY });

  const targets = {
    'another folder': () => {
      const to = join(folder, 'copy');
      return { to, log: { dataDir: to, eventStoreUrl: null }, keys: to };
    },
    EventStoreDB: () => ({ to: server.url, log: { dataDir: '', eventStoreUrl: server.url }, keys: from }),
  };

  for (const [name, target] of Object.entries(targets)) {
    (name === 'EventStoreDB' ? describeLong : describe)(`to ${name}`, () => {
      it('with --seal leaves nothing of anybody in clear, and opens to the same log', async () => {
        const { to, log, keys } = target();
        const { code, stdout, stderr } = await copy(to, '--seal');
        expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
        expect(stdout).to.contain('verified, sealed and event by event: sha256');

        const stored = JSON.stringify(await contentOf(await raw(log)));
        const [member] = memberList(MEMBERS);
        const secrets = [member?.['dni'], member?.['email'], 'Pedro', 'account-of-ines', 'hash-of-a-body'];
        for (const text of secrets) expect(stored).not.to.include(text);

        const store = await openEventStore({ ...log, dataDir: keys, mongoUrl: null, sealing: SEALING });
        opened.push(store);
        const [originals, copies] = [
          await contentOf(await raw({ dataDir: from, eventStoreUrl: null })),
          await contentOf(store),
        ];
        for (const [index, original] of originals.entries()) {
          const { data, metadata, ...place } = copies[index] as Content;
          expect(place).to.deep.equal({
            stream: original.stream,
            revision: original.revision,
            id: original.id,
            type: original.type,
          });
          if (original.type === 'SettingsFixed') {
            expect(data).to.deep.include({
              ...original.data,
              sealedBy: (data as { sealedBy: string }).sealedBy,
            });
          } else expect(data).to.deep.equal(original.data);
          if (original.type === 'CommandSettled') expect(metadata.actor.account).to.equal('padron');
          else expect(metadata).to.deep.equal(original.metadata);
        }
        expect(copies).to.have.length(originals.length);
      });

      it('with --seal continues after an interruption, with the same keys', async () => {
        const { to, log, keys } = target();
        const sealed = await sealOnTheWay(
          { source: await raw({ dataDir: from, eventStoreUrl: null }), target: await raw(log) },
          { dataDir: keys, mongoUrl: null, sealing: SEALING },
        );
        const stop = new AbortController();
        const onProgress = ({ events }: { events: number }): void => {
          if (events > 150) stop.abort();
        };
        const first = await copyLog({ ...sealed, signal: stop.signal, onProgress });
        await sealed.close();
        await Promise.all(opened.splice(0).map((store) => store.close()));
        expect(first.isWhole).to.equal(false);

        const { code, stdout } = await copy(to, '--seal');
        expect(code).to.equal(0);
        expect(stdout).to.contain(`${first.events} already there`);
        const check = await runCli(['keys', 'check'], {
          DATA_DIR: keys,
          MASTER_KEY,
          ...(log.eventStoreUrl === null ? {} : { EVENTSTORE_URL: log.eventStoreUrl }),
        });
        expect(check).to.include({
          code: 0,
          stdout: `${MEMBERS + 1} keys, 0 erased, 0 not needed by any event\n`,
        });
        expect((await copy(to, '--seal')).stdout).to.match(/: 0 copied, \d+ already there/);
      });

      it('moves a sealed log as it is stored, without any key', async () => {
        const sealed = join(folder, 'sealed');
        const environment = { DATA_DIR: sealed, MASTER_KEY };
        await runCli(['import', '-'], environment, asNdjson(memberList(5)));
        rmSync(join(sealed, 'keys.db'));
        const { to, log } = target();
        expect(await runCli(['copy', '--to', to], { DATA_DIR: sealed })).to.include({ code: 0 });
        const original = await contentOf(await raw({ dataDir: sealed, eventStoreUrl: null }));
        expect(await contentOf(await raw(log))).to.deep.equal(original);
        expect(existsSync(join(sealed, 'keys.db'))).to.equal(false);
        const again = await runCli(['copy', '--to', join(folder, 'again'), '--seal'], environment);
        expect(again.code).to.equal(2);
        expect(again.stderr).to.contain('sealed already');
      });

      it('with --seal refuses a target that was begun in clear', async () => {
        const { to } = target();
        expect(await copy(to)).to.include({ code: 0 });
        const { code, stderr } = await copy(to, '--seal');
        expect(code).to.equal(2);
        expect(stderr).to.contain('the target was begun in clear');
      });
    });
  }

  it('with --seal takes no event for sealed that is in clear, and no copy that has other keys', async () => {
    const to = join(folder, 'copy');
    const source = await raw({ dataDir: from, eventStoreUrl: null });
    const target = await raw({ dataDir: to, eventStoreUrl: null });
    const place = { dataDir: to, mongoUrl: null, sealing: SEALING };
    const sealed = await sealOnTheWay({ source, target }, place);
    const options = { signal: new AbortController().signal, onProgress: () => undefined };
    await copyLog({ source: sealed.source, target, ...options }).catch(() => undefined);
    const failure = await copyLog({ ...sealed, ...options }).catch((error: unknown) => error);
    expect((failure as Error).message).to.match(/holds \S+@0 in clear/);
    await sealed.close();

    rmSync(join(to, 'keys.db'));
    const other = await sealOnTheWay({ source, target }, place).catch((error: unknown) => error);
    expect((other as Error).message).to.contain('the key store is not the one of this event log');
  });

  itLong(
    'with --seal makes a log that a command can go on with, and SEALING=off needs a MASTER_KEY',
    async () => {
      const to = join(folder, 'copy');
      const off = { DATA_DIR: from, SEALING: 'off' };
      const refused = await runCli(['copy', '--to', to, '--seal'], off);
      expect(refused).to.include({
        code: 2,
        stderr: 'padron: --seal needs MASTER_KEY where SEALING is off\n',
      });
      expect(existsSync(to)).to.equal(false);
      expect(await runCli(['copy', '--to', to, '--seal'], { DATA_DIR: from })).to.include({ code: 0 });
      expect(existsSync(join(to, 'master-key'))).to.equal(true);
      for (const name of readdirSync(to)) {
        const [member] = memberList(MEMBERS);
        expect(readFileSync(join(to, name), 'latin1'), name).not.to.include(String(member?.['email']));
      }
      const again = await runCli(['import', '-'], { DATA_DIR: to }, asNdjson(memberList(MEMBERS + 1)));
      expect(again.stdout).to.contain(`1 imported`);
    },
  );
});
