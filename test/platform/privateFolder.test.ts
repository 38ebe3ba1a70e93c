import { expect } from 'chai';
import { chmodSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { developmentSecret } from '../../src/config/developmentSecret.ts';
import { openSqliteLeases } from '../../src/platform/sqlite/leases.ts';
import { openStoredEvents, openReadModel } from '../../src/service/stores.ts';
import { newFolder, removeFolder } from '../support/folder.ts';

const modeOf = (path: string): number => statSync(path).mode & 0o777;

/** Whatever comes first on a new machine. */
const MAKERS: [what: string, make: (dataDir: string) => Promise<void>][] = [
  ['the event store', async (dataDir) => (await openStoredEvents({ dataDir, eventStoreUrl: null })).close()],
  ['the read model', async (dataDir) => (await openReadModel({ dataDir, mongoUrl: null })).close()],
  ['the secret of development mode', async (dataDir) => void developmentSecret(dataDir)],
  [
    'the lease of a server',
    async (folder) => {
      const leases = openSqliteLeases({ folder });
      await leases.acquire('serve', { signal: AbortSignal.abort() });
      await leases.close();
    },
  ],
];

describe('The folder with the data', () => {
  let folder: string;
  beforeEach(() => {
    folder = newFolder();
  });
  afterEach(() => {
    removeFolder(folder);
  });

  for (const [what, make] of MAKERS) {
    it(`is accessible to this user only if ${what} creates it`, async () => {
      const dataDir = join(folder, 'a', 'data');
      await make(dataDir);
      expect(modeOf(dataDir)).to.equal(0o700);
    });

    it(`is left unchanged by ${what} if it exists`, async () => {
      const dataDir = join(folder, 'data');
      mkdirSync(dataDir);
      chmodSync(dataDir, 0o755);
      await make(dataDir);
      expect(modeOf(dataDir)).to.equal(0o755);
    });

    it(`contains only files of this user if ${what} fills it, even if others may enter it and the umask would let them read`, async () => {
      const dataDir = join(folder, 'data');
      mkdirSync(dataDir);
      chmodSync(dataDir, 0o755);
      const before = process.umask(0o022);
      try {
        await make(dataDir);
      } finally {
        process.umask(before);
      }
      const files = readdirSync(dataDir, { recursive: true, withFileTypes: true }).filter((one) =>
        one.isFile(),
      );
      expect(files).not.to.deep.equal([]);
      for (const { name, parentPath } of files) expect(modeOf(join(parentPath, name)), name).to.equal(0o600);
    });
  }
});
