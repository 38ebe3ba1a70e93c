import { expect } from 'chai';
import { readdirSync, readFileSync } from 'node:fs';
import { readConfig } from '../../src/config/config.ts';
import type { Environment } from '../../src/config/settingsReader.ts';

const ROOT = new URL('../../', import.meta.url);
const page = readFileSync(new URL('docs/reference/configuration.md', ROOT), 'utf8');

/** The variables that reading the configuration looks at, in whatever way. */
function readVariables(): Set<string> {
  const names = new Set<string>();
  const environment = new Proxy<Environment>(
    {},
    {
      get: (_target, name) => void names.add(String(name)),
      has: (_target, name) => !!names.add(String(name)),
    },
  );
  readConfig(environment);
  return names;
}

/** The variables that a source file reads from the environment itself. */
function directVariables(): string[] {
  const sources = new URL('src/', ROOT);
  const files = readdirSync(sources, { recursive: true, encoding: 'utf8' }).filter((one) =>
    one.endsWith('.ts'),
  );
  return files.flatMap((file) =>
    [...readFileSync(new URL(file, sources), 'utf8').matchAll(/process\.env(?:\[['"`]|\.)(\w+)/g)].map(
      ([, name = '']) => name,
    ),
  );
}

const documented = [...page.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, name = '']) => name);

describe('docs/reference/configuration.md', () => {
  it('lists every variable that the program reads exactly once, and no others', () => {
    const read = new Set([...readVariables(), ...directVariables()]);
    expect(read.size).to.be.above(20);
    expect([...documented].sort()).to.deep.equal([...read].sort());
  });

  it('gives the default of each number', () => {
    const { port, leewaySeconds, readYourWritesMs, maxImportBytes, limits } = readConfig({});
    const { requests, connections } = limits;
    const defaults: Record<string, number | undefined> = {
      PORT: port,
      JWT_LEEWAY_SECONDS: leewaySeconds,
      READ_YOUR_WRITES_MS: readYourWritesMs,
      MAX_IMPORT_MIB: maxImportBytes / (1024 * 1024),
      WRITES_PER_MINUTE: requests?.writesPerMinute,
      SEARCHES_PER_MINUTE: requests?.searchesPerMinute,
      STREAMS_PER_ACCOUNT: requests?.streamsPerAccount,
      REFUSED_TOKENS_PER_MINUTE: requests?.refusedTokensPerMinute,
      MAX_CONNECTIONS: connections.max,
      MAX_CONNECTIONS_PER_ADDRESS: connections.maxPerAddress,
      HEADER_TIMEOUT_SECONDS: connections.headerSeconds,
      REQUEST_TIMEOUT_SECONDS: connections.requestSeconds,
      KEEP_ALIVE_SECONDS: connections.keepAliveSeconds,
      STALLED_TIMEOUT_SECONDS: connections.stalledSeconds,
    };
    const shown = [...page.matchAll(/^\| `([A-Z_]+)` \| `(\d+)` \|/gm)].map(([, name, value]) => [
      name,
      Number(value),
    ]);
    expect(Object.fromEntries(shown)).to.deep.equal(defaults);
  });
});
