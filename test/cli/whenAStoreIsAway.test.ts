import { expect } from 'chai';
import { join } from 'node:path';
import { startCli, type RunningCli } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';
import { EventStoreDbServer } from '../support/eventStoreDbServer.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { howTo } from '../support/howTo.ts';
import { describeLong } from '../support/long.ts';
import { startTcpGate, type TcpGate } from '../support/tcpGate.ts';
import { SECRET } from '../support/tokens.ts';

const page = howTo('when-a-store-is-away');

describeLong('docs/how-to/when-a-store-is-away.md', function () {
  this.timeout(120_000);
  let folder: string;
  let events: EventStoreDbServer;
  let gate: TcpGate;
  let server: RunningCli;
  let environment: Record<string, string>;

  before(async () => {
    folder = newFolder();
    events = await EventStoreDbServer.start();
    gate = await startTcpGate({ port: events.port });
    environment = {
      DATA_DIR: join(folder, 'data'),
      EVENTSTORE_URL: `esdb://127.0.0.1:${gate.port}?tls=false`,
      JWT_SECRET: SECRET,
    };
    server = startCli(['serve'], { ...environment, PORT: '0' });
    const url = await eventually(
      'the server is ready',
      () =>
        server.output.stdout.includes('"msg":"ready"') && /"url":"([^"]+)"/.exec(server.output.stdout)?.[1],
      60_000,
    );
    environment = { ...environment, URL: url, PORT: new URL(url).port };
  });
  after(async () => {
    server.process.kill('SIGTERM');
    await server.ended;
    await gate.close();
    await events.close();
    removeFolder(folder);
  });

  const get = async (path: string): Promise<string> => (await fetch(`${environment['URL']}${path}`)).text();

  it('has commands that do what the page says, during the outage of the event store and after it', async () => {
    gate.kill();
    await eventually('the outage is known', async () => (await get('/health/ready')).includes('"writes"'));
    const running = page.run(folder, environment);
    // The page is refused twice, an unknown DNI and a write: then its reader brings the store back.
    await eventually(
      'the page has tried a write',
      async () => {
        const refused = /padron_answers_total\{from="refused"\} (\d+)/.exec(await get('/metrics'))?.[1];
        return Number(refused) >= 2;
      },
      60_000,
    );
    gate.open();
    const { printed } = await running;
    const [, health, metrics, doctor, list, unknown, write, back] = printed;
    expect(health)
      .to.contain('"status":"degraded","writes":"unavailable"')
      .and.to.contain('{"store":"event store","since":"');
    expect(metrics)
      .to.contain('padron_store_up{store="event store"} 0')
      .and.to.contain('padron_store_up{store="read model"} 1')
      .and.to.match(/^padron_store_away_since_seconds\{store="event store"\} \d/m);
    expect(doctor)
      .to.match(/^FAIL {2}server: \S+ runs without the event store, away since 20\S+Z$/m)
      .and.to.contain('exit code 1');
    expect(list)
      .to.match(/^HTTP\/1.1 200/m)
      .and.to.match(/^x-padron-behind: true\r?$/im);
    expect(unknown?.trim()).to.equal('503');
    expect(write?.trim()).to.equal('503');
    expect(back).to.contain('"status":"ready"').and.not.to.contain('"away"');
  });
});
