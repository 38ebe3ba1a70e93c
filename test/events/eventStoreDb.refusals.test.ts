import { expect } from 'chai';
import { NO_REVISION } from '../../src/events/eventStore.ts';
import type { EventStore } from '../../src/events/eventStore.ts';
import { openEventStoreDb } from '../../src/events/stores/eventstoredb/openEventStoreDb.ts';
import { selfSignedCertificate, type Certificate } from '../support/certificate.ts';
import { runCli, startCli } from '../support/cli.ts';
import { EventStoreDbServer } from '../support/eventStoreDbServer.ts';
import { eventually } from '../support/eventually.ts';
import { TRIED_VERSIONS } from '../support/eventstoredb/versions.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { itLong } from '../support/long.ts';
import { freePort } from '../support/port.ts';
import { SECRET } from '../support/tokens.ts';
import { event, failureOf } from './contract/steps.ts';
import { one } from './faultyEventStoreDb.ts';

const ACCOUNT = { username: 'padron', password: 's3cret' };

describe('An EventStoreDB that refuses permanently', () => {
  let folder: string;
  let certificate: Certificate;
  let secured: EventStoreDbServer;
  let withoutRight: EventStoreDbServer;
  let open: EventStoreDbServer;

  before(async () => {
    folder = newFolder();
    certificate = await selfSignedCertificate(folder);
    const { key, certificate: text } = certificate;
    const security = { key, certificate: text, ...ACCOUNT, mayReadAll: true };
    secured = await EventStoreDbServer.start({ security });
    withoutRight = await EventStoreDbServer.start({ security: { ...security, mayReadAll: false } });
    open = await EventStoreDbServer.start();
  });
  after(async () => {
    await Promise.all([secured, withoutRight, open].map((server) => server.close()));
    removeFolder(folder);
  });

  const secure = (server: EventStoreDbServer, password = ACCOUNT.password, ca = true): string =>
    `esdb://${ACCOUNT.username}:${password}@localhost:${server.port}?tls=true${
      ca ? `&tlsCAFile=${encodeURIComponent(certificate.file)}` : ''
    }`;

  /** What is wrong, by the connection string that meets it, and what the message has to name. */
  const refusals: Record<string, { url: () => string; named: RegExp }> = {
    'a wrong password': { url: () => secure(secured, 'wrong'), named: /name or password is wrong/ },
    'a missing right on $all': { url: () => secure(withoutRight), named: /read \$all.*acl\.readRoles/ },
    'a certificate of an unknown authority': {
      url: () => secure(secured, ACCOUNT.password, false),
      named: /certificate of .* not accepted \(self-signed.*tlsCAFile/,
    },
    'TLS where the URL says that there is none': {
      url: () => `esdb://localhost:${secured.port}?tls=false`,
      named: /speaks TLS.*tls=false/,
    },
    'no TLS where the URL asks for it': {
      url: () => `esdb://localhost:${open.port}`,
      named: /does not speak TLS.*tls=false/,
    },
    'a certificate that no node of a cluster has from a known authority': {
      url: () => `esdb://localhost:${secured.port},localhost:${withoutRight.port}?maxDiscoverAttempts=1`,
      named: /certificate of .* not accepted/,
    },
  };

  async function using<T>(url: string, work: (store: EventStore) => Promise<T>): Promise<T> {
    const store = await openEventStoreDb({ url, deadlineMs: 3000 });
    try {
      return await work(store);
    } finally {
      await store.close();
    }
  }

  it('is not assumed if the account, its rights and the certificate are in order', async () => {
    await using(secure(secured), async (store) => {
      await store.append([one('persona-1', NO_REVISION, event('A'))]);
      expect(await store.head()).to.be.a('bigint');
    });
  });

  it('is not assumed if no server listens yet', async () => {
    const url = `esdb://localhost:${await freePort()}`;
    const failure = await using(url, (store) => failureOf(store.head()));
    expect(failure).to.have.property('name', 'EventStoreError');
  });

  for (const [title, { url, named }] of Object.entries(refusals)) {
    // A cluster is asked node by node, for seconds.
    (title.includes('cluster') ? itLong : it)(
      `is reported with ${title}, without account or password`,
      async () => {
        const failure = (await using(url(), (store) => failureOf(store.head()))) as Error;
        expect(failure).to.have.property('name', 'EventStoreRefusedError');
        expect(failure.message)
          .to.match(named)
          .and.not.match(/s3cret|wrong@|padron:/);
      },
    );
  }

  it('ends `padron serve` with exit code 2 and the cause', async () => {
    const dataDir = newFolder();
    const cli = startCli(['serve'], {
      DATA_DIR: dataDir,
      PORT: '0',
      JWT_SECRET: SECRET,
      EVENTSTORE_URL: secure(withoutRight),
    });
    const { code, stderr } = await cli.ended;
    removeFolder(dataDir);
    expect({ code, stderr }).to.have.property('code', 2);
    expect(stderr).to.match(/read \$all/);
  });

  it('is reported by `padron doctor`', async () => {
    const dataDir = newFolder();
    const { code, stdout } = await runCli(['doctor'], {
      DATA_DIR: dataDir,
      JWT_SECRET: SECRET,
      EVENTSTORE_URL: secure(secured, 'wrong'),
    });
    removeFolder(dataDir);
    expect(code).to.equal(1);
    expect(stdout).to.match(/^FAIL {2}event store: .*password is wrong/m);
  });

  it('is detected under any spelling of the URL scheme', async () => {
    for (const scheme of ['kurrentdb', 'esdb+discover', 'kurrentdb+discover']) {
      const url = open.url.replace('esdb', scheme);
      expect(await using(url, (store) => store.head()), scheme).to.equal(null);
    }
  });

  const warned = { '23.10.8': false, '24.10.4': true, '25.0.0': true };
  for (const version of TRIED_VERSIONS) {
    it(`shows its version in \`padron doctor\` (${version}), with a warning if it skips events`, async () => {
      const server = await EventStoreDbServer.start({ version });
      const dataDir = newFolder();
      const { code, stdout } = await runCli(['doctor'], { DATA_DIR: dataDir, EVENTSTORE_URL: server.url });
      removeFolder(dataDir);
      await server.close();
      expect(code).to.equal(0);
      expect(stdout).to.match(new RegExp(`^ok {4}event store: answers, empty, server ${version}$`, 'm'));
      expect(/^warn {2}event store: .* known to skip events/m.test(stdout)).to.equal(warned[version]);
    });
  }

  it('does not end `padron serve` if the server may still come up', async () => {
    const dataDir = newFolder();
    const cli = startCli(['serve'], {
      DATA_DIR: dataDir,
      PORT: '0',
      JWT_SECRET: SECRET,
      EVENTSTORE_URL: `esdb://localhost:${await freePort()}`,
    });
    await eventually('it waits', () => cli.output.stdout.includes('"waiting for '));
    expect(cli.process.exitCode).to.equal(null);
    cli.process.kill('SIGKILL');
    await cli.ended;
    removeFolder(dataDir);
  });
});
