import { expect } from 'chai';
import { ConfigError, readConfig } from '../src/config.ts';
import { DEFAULT_CONNECTION_LIMITS, DEFAULT_REQUEST_LIMITS } from '../src/http/limitSettings.ts';

function faultsOf(environment: Record<string, string>): readonly string[] {
  try {
    readConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

describe('The configuration', () => {
  it('has a default for everything', () => {
    expect(readConfig({})).to.deep.equal({
      port: 3000,
      host: '127.0.0.1',
      dataDir: './data',
      keys: null,
      issuer: null,
      audience: null,
      eventStoreUrl: null,
      mongoUrl: null,
      reservationKey: null,
      readYourWritesMs: 1_000,
      limits: {
        requests: DEFAULT_REQUEST_LIMITS,
        connections: DEFAULT_CONNECTION_LIMITS,
        trustedProxies: [],
        corsOrigins: [],
      },
      logLevel: 'info',
    });
  });

  it('counts an empty variable as not set', () => {
    expect(readConfig({ PORT: '', JWT_SECRET: ' ' })).to.deep.equal(readConfig({}));
  });

  it('reports every fault at once, each by the name of its variable', () => {
    const faults = faultsOf({
      PORT: '70000',
      READ_YOUR_WRITES_MS: '-1',
      LOG_LEVEL: 'loud',
      RATE_LIMIT: 'maybe',
      JWT_SECRET: 's',
      JWKS_URI: 'nowhere',
      EVENTSTORE_URL: 'http://host',
      MONGODB_URL: 'mongodb://host',
    });
    const names = ['PORT', 'READ_YOUR_WRITES_MS', 'LOG_LEVEL', 'RATE_LIMIT', 'JWT_SECRET', 'JWKS_URI'];
    for (const name of [...names, 'EVENTSTORE_URL', 'MONGODB_URL']) {
      expect(
        faults.some((fault) => fault.startsWith(name)),
        name,
      ).to.equal(true);
    }
  });

  it('takes no port that is not a whole number', () => {
    for (const PORT of ['abc', '3000.5', '-1', '0x50', '1e3']) expect(faultsOf({ PORT })).to.have.lengthOf(1);
  });

  it('does not take a secret and a JWKS_URI together', () => {
    const both = { JWT_SECRET: 's', JWKS_URI: 'https://login.example.org/jwks.json' };
    expect(faultsOf(both)).to.deep.equal(['JWT_SECRET and JWKS_URI cannot both be set']);
  });

  it('needs a secret or a JWKS_URI in production', () => {
    expect(faultsOf({ NODE_ENV: 'production' })).to.deep.equal([
      'JWT_SECRET or JWKS_URI must be set when NODE_ENV is production',
    ]);
    expect(faultsOf({ NODE_ENV: 'production', JWT_SECRET: 's' })).to.deep.equal([]);
  });

  it('never repeats the value of a secret in a fault', () => {
    const faults = faultsOf({
      JWT_SECRET: 'hush',
      JWKS_URI: 'hush',
      MONGODB_URL: 'mongodb://user:hush@host',
    });
    expect(faults.join()).to.not.contain('hush');
  });
});
