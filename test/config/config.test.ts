import { expect } from 'chai';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError, readConfig } from '../../src/config/config.ts';
import { DEFAULT_CONNECTION_LIMITS, DEFAULT_REQUEST_LIMITS } from '../../src/http/access/limitSettings.ts';
import { newFolder, removeFolder } from '../support/folder.ts';

const SECRET = 'a secret of at least thirty-two bytes';

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
      sealing: { wanted: null, masterKey: null, previousMasterKey: null },
      readYourWritesMs: 1_000,
      timeZone: 'UTC',
      limits: {
        requests: DEFAULT_REQUEST_LIMITS,
        connections: DEFAULT_CONNECTION_LIMITS,
        trustedProxies: [],
        corsOrigins: [],
      },
      logLevel: 'info',
      maxImportBytes: 16 * 1024 * 1024,
      leewaySeconds: 5,
      warnings: [],
    });
  });

  it('treats an empty variable as unset', () => {
    expect(readConfig({ PORT: '', JWT_SECRET: '' })).to.deep.equal(readConfig({}));
  });

  it('reports all errors at once, each with the name of its variable', () => {
    const faults = faultsOf({
      PORT: '70000',
      READ_YOUR_WRITES_MS: '-1',
      LOG_LEVEL: 'loud',
      RATE_LIMIT: 'maybe',
      JWT_SECRET: SECRET,
      JWKS_URI: 'nowhere',
      JWT_LEEWAY_SECONDS: '301',
      NODE_ENV: 'prod',
      DEVELOPMENT: 'yes',
      EVENTSTORE_URL: 'http://host',
      MONGODB_URL: 'mongodb://host',
    });
    const names = ['PORT', 'READ_YOUR_WRITES_MS', 'LOG_LEVEL', 'RATE_LIMIT', 'JWT_SECRET', 'JWKS_URI'];
    const others = ['JWT_LEEWAY_SECONDS', 'NODE_ENV', 'DEVELOPMENT', 'EVENTSTORE_URL', 'MONGODB_URL'];
    for (const name of [...names, ...others]) {
      expect(
        faults.some((fault) => fault.startsWith(name)),
        name,
      ).to.equal(true);
    }
  });

  it('accepts only an IANA name as TIME_ZONE', () => {
    expect(readConfig({ TIME_ZONE: 'Europe/Madrid' }).timeZone).to.equal('Europe/Madrid');
    for (const name of ['Madrid', '+02:00']) {
      expect(faultsOf({ TIME_ZONE: name })).to.deep.equal([
        'TIME_ZONE must be the IANA name of a time zone, such as Europe/Madrid',
      ]);
    }
  });

  it('refuses the URL of a store with a port that does not exist', () => {
    for (const port of ['0', '65536', '99999']) {
      expect(
        faultsOf({
          EVENTSTORE_URL: `esdb://admin:changeit@one:2113,two:${port}?tls=false`,
          MONGODB_URL: `mongodb://one:${port},two:27017/padron?replicaSet=rs`,
        }),
      ).to.deep.equal([
        'EVENTSTORE_URL must look like esdb://host:2113',
        'MONGODB_URL must look like mongodb://host:27017/padron',
      ]);
    }
    const { eventStoreUrl } = readConfig({ EVENTSTORE_URL: 'esdb://admin:99999@[::1]:65535' });
    expect(eventStoreUrl).to.equal('esdb://admin:99999@[::1]:65535');
  });

  it('refuses a port that is not a whole number', () => {
    for (const PORT of ['abc', '3000.5', '-1', '0x50', '1e3']) expect(faultsOf({ PORT })).to.have.lengthOf(1);
  });

  it('refuses JWT_SECRET and JWKS_URI together', () => {
    const both = { JWT_SECRET: SECRET, JWKS_URI: 'https://login.example.org/jwks', JWT_AUDIENCE: 'padron' };
    expect(faultsOf(both)).to.deep.equal(['JWT_SECRET and JWKS_URI cannot both be set']);
  });

  it('requires a secret or a JWKS_URI in production', () => {
    expect(faultsOf({ NODE_ENV: 'production', SEALING: 'off' })).to.deep.equal([
      'JWT_SECRET or JWKS_URI must be set when NODE_ENV is production',
    ]);
    expect(faultsOf({ NODE_ENV: 'Production', SEALING: 'off' })).to.have.lengthOf(1);
    expect(faultsOf({ NODE_ENV: 'production', JWT_SECRET: SECRET, SEALING: 'off' })).to.deep.equal([]);
  });

  const weak = 'x'.repeat(31);
  const message = (name: string): string => `${name} must have at least 32 bytes`;

  it('refuses a JWT_SECRET of less than 32 bytes in production, and warns of it otherwise', () => {
    expect(faultsOf({ JWT_SECRET: weak, NODE_ENV: 'production', SEALING: 'off' })).to.deep.equal([
      message('JWT_SECRET'),
    ]);
    expect(readConfig({ JWT_SECRET: weak }).warnings).to.deep.equal([message('JWT_SECRET')]);
    // Bytes count, not characters.
    expect(readConfig({ JWT_SECRET: 'ñ'.repeat(16) }).warnings).to.deep.equal([]);
  });

  it('refuses a RESERVATION_KEY of less than 32 bytes outside development mode, because it can never be changed', () => {
    const refused = [message('RESERVATION_KEY')];
    expect(faultsOf({ JWT_SECRET: SECRET, RESERVATION_KEY: weak })).to.deep.equal(refused);
    expect(
      faultsOf({ JWT_SECRET: SECRET, RESERVATION_KEY: weak, NODE_ENV: 'production', SEALING: 'off' }),
    ).to.deep.equal(refused);
    expect(readConfig({ RESERVATION_KEY: weak }).warnings).to.deep.equal(refused);
  });

  it('requires a MASTER_KEY in production unless SEALING=off', () => {
    const production = { NODE_ENV: 'production', JWT_SECRET: SECRET };
    const MASTER_KEY = Buffer.alloc(32, 7).toString('base64');
    expect(faultsOf(production)).to.have.lengthOf(1);
    expect(faultsOf({ ...production, SEALING: 'on' })).to.have.lengthOf(1);
    expect(faultsOf({ ...production, MASTER_KEY })).to.deep.equal([]);
    expect(readConfig({ ...production, MASTER_KEY }).sealing.wanted).to.equal('on');
    expect(readConfig({ ...production, SEALING: 'off' }).sealing.wanted).to.equal('off');
  });

  it('accepts a MASTER_KEY only as 32 bytes in base64, from the variable or a file', () => {
    const MASTER_KEY = Buffer.alloc(32, 7).toString('base64');
    for (const wrong of ['secret', MASTER_KEY.slice(2), `${MASTER_KEY} `]) {
      const faults = faultsOf({ MASTER_KEY: wrong });
      expect(faults, wrong).to.have.lengthOf(1);
      expect(faults[0]).not.to.include(wrong);
    }
    const malformed = { MASTER_KEY: 'secret', MASTER_KEY_PREVIOUS: MASTER_KEY };
    expect(faultsOf({ ...malformed, NODE_ENV: 'production', JWT_SECRET: SECRET })).to.deep.equal([
      'MASTER_KEY must be 32 bytes in base64 (openssl rand -base64 32)',
    ]);
    const folder = newFolder();
    writeFileSync(join(folder, 'key'), `${MASTER_KEY}\n`);
    const { sealing } = readConfig({ MASTER_KEY_FILE: join(folder, 'key'), MASTER_KEY_PREVIOUS: MASTER_KEY });
    expect(sealing).to.deep.equal({ wanted: 'on', masterKey: MASTER_KEY, previousMasterKey: MASTER_KEY });
    expect(faultsOf({ MASTER_KEY_PREVIOUS: MASTER_KEY })).to.deep.equal([
      'MASTER_KEY_PREVIOUS needs MASTER_KEY',
    ]);
    removeFolder(folder);
  });

  it('uses secrets exactly as given', () => {
    const secret = `  ${SECRET}\n`;
    const { keys, reservationKey } = readConfig({ JWT_SECRET: secret, RESERVATION_KEY: secret });
    expect(keys).to.deep.equal({ secret });
    expect(reservationKey).to.equal(secret);
  });

  it('reads a secret from the file that …_FILE names, without the line ending at its end', () => {
    const folder = newFolder();
    const file = join(folder, 'secret');
    writeFileSync(file, ` ${SECRET} \n`);
    expect(readConfig({ JWT_SECRET_FILE: file }).keys).to.deep.equal({ secret: ` ${SECRET} ` });
    expect(faultsOf({ JWT_SECRET_FILE: file, JWT_SECRET: SECRET })).to.deep.equal([
      'JWT_SECRET and JWT_SECRET_FILE cannot both be set',
    ]);
    writeFileSync(file, '\n');
    expect(faultsOf({ JWT_SECRET_FILE: file, NODE_ENV: 'production', SEALING: 'off' })).to.deep.equal([
      'JWT_SECRET_FILE is empty',
    ]);
    writeFileSync(file, Buffer.alloc(64, 0xff));
    expect(faultsOf({ JWT_SECRET_FILE: file })).to.deep.equal(['JWT_SECRET_FILE must hold text in UTF-8']);
    const missing = join(folder, 'missing');
    expect(faultsOf({ RESERVATION_KEY_FILE: missing })).to.deep.equal([
      'RESERVATION_KEY_FILE cannot be read (ENOENT)',
    ]);
    removeFolder(folder);
  });

  it('accepts a JWKS_URI over https, and over http only on a loopback address', () => {
    const faults = (JWKS_URI: string): readonly string[] => faultsOf({ JWKS_URI, JWT_AUDIENCE: 'padron' });
    for (const uri of [
      'https://login.example.org/jwks',
      'http://localhost:8080/k',
      'http://127.9.9.9/',
      'http://[::1]:1/k',
    ]) {
      expect(faults(uri), uri).to.deep.equal([]);
    }
    for (const uri of [
      'http://login.example.org/jwks',
      'https://exa mple/x',
      'ftp://localhost/k',
      'http://127.0.0.1.evil.org/',
      'https://padron:word@login.example.org/jwks',
      'https://padron@login.example.org/jwks',
    ]) {
      expect(faults(uri), uri).to.have.lengthOf(1);
    }
  });

  it('requires a JWT_AUDIENCE with JWKS_URI in production, and warns without one elsewhere', () => {
    const JWKS_URI = 'https://login.example.org/jwks';
    expect(faultsOf({ JWKS_URI, NODE_ENV: 'production', SEALING: 'off' })).to.have.lengthOf(1);
    expect(readConfig({ JWKS_URI }).warnings).to.have.lengthOf(1);
    expect(
      faultsOf({ JWKS_URI, JWT_AUDIENCE: 'padron', NODE_ENV: 'production', SEALING: 'off' }),
    ).to.deep.equal([]);
  });

  it('listens only on loopback in development mode unless DEVELOPMENT is public', () => {
    for (const HOST of ['0.0.0.0', '::', '192.168.1.7', 'padron.example.org']) {
      expect(faultsOf({ HOST }), HOST).to.have.lengthOf(1);
      expect(faultsOf({ HOST, DEVELOPMENT: 'public' }), HOST).to.deep.equal([]);
      expect(faultsOf({ HOST, JWT_SECRET: SECRET }), HOST).to.deep.equal([]);
    }
    for (const HOST of ['127.0.0.1', 'localhost', '::1']) expect(faultsOf({ HOST }), HOST).to.deep.equal([]);
  });

  it('never quotes a secret in an error', () => {
    const faults = faultsOf({
      JWT_SECRET: 'hush',
      RESERVATION_KEY: 'hush',
      NODE_ENV: 'production',
      JWKS_URI: 'hush',
      MONGODB_URL: 'mongodb://user:hush@host',
    });
    expect(faults.join()).to.not.contain('hush');
  });
});
