import { expect } from 'chai';
import { ConfigError, readConfig } from '../../src/config/config.ts';

function faultsOf(environment: Record<string, string>): readonly string[] {
  try {
    readConfig(environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
}

const COUNTS = {
  WRITES_PER_MINUTE: 'writesPerMinute',
  SEARCHES_PER_MINUTE: 'searchesPerMinute',
  REFUSED_TOKENS_PER_MINUTE: 'refusedTokensPerMinute',
  STREAMS_PER_ACCOUNT: 'streamsPerAccount',
} as const;

const CONNECTIONS = {
  MAX_CONNECTIONS: 'max',
  MAX_CONNECTIONS_PER_ADDRESS: 'maxPerAddress',
  HEADER_TIMEOUT_SECONDS: 'headerSeconds',
  REQUEST_TIMEOUT_SECONDS: 'requestSeconds',
  KEEP_ALIVE_SECONDS: 'keepAliveSeconds',
  STALLED_TIMEOUT_SECONDS: 'stalledSeconds',
} as const;

describe('The settings of limits', () => {
  it('turn off all limits on requests with RATE_LIMIT=off, but none on connections', () => {
    const { limits } = readConfig({ RATE_LIMIT: 'off' });
    expect(limits.requests).to.equal(null);
    expect(limits.connections).to.deep.equal(readConfig({}).limits.connections);
  });

  it('set each limit by its own variable, which must be at least 1', () => {
    for (const [name, member] of Object.entries(COUNTS)) {
      expect(readConfig({ [name]: '7' }).limits.requests?.[member], name).to.equal(7);
    }
    for (const [name, member] of Object.entries(CONNECTIONS)) {
      expect(readConfig({ [name]: '7' }).limits.connections[member], name).to.equal(7);
    }
    for (const name of [...Object.keys(COUNTS), ...Object.keys(CONNECTIONS)]) {
      for (const value of ['0', '-1', 'many', '1.5', '10000000']) {
        expect(faultsOf({ [name]: value }).join(), `${name}=${value}`).to.contain(name);
      }
    }
  });

  it('accept addresses and networks of trusted proxies, and nothing else', () => {
    const { trustedProxies } = readConfig({
      TRUSTED_PROXIES: '10.0.0.0/8, ::1 2001:db8::/32,127.0.0.1',
    }).limits;
    expect(trustedProxies).to.deep.equal(['10.0.0.0/8', '::1', '2001:db8::/32', '127.0.0.1']);
    for (const value of [
      'proxy',
      '10.0.0.0/33',
      '::1/129',
      '10.0.0.0/8/8',
      '10.0.0/8',
      '10.0.0.0/',
      'true',
    ]) {
      expect(faultsOf({ TRUSTED_PROXIES: value }).join(), value).to.contain('TRUSTED_PROXIES');
    }
  });

  it('accept origins for CORS exactly as browsers send them, and nothing else', () => {
    const { corsOrigins } = readConfig({ CORS_ORIGINS: 'https://a.example,http://localhost:5173' }).limits;
    expect(corsOrigins).to.deep.equal(['https://a.example', 'http://localhost:5173']);
    for (const value of [
      '*',
      'null',
      'a.example',
      'https://a.example/',
      'https://A.example',
      'ftp://a.example',
    ]) {
      expect(faultsOf({ CORS_ORIGINS: value }).join(), value).to.contain('CORS_ORIGINS');
    }
  });
});
