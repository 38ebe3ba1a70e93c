import { expect } from 'chai';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createKeySet, KeysUnavailableError, type KeySet } from '../../src/http/access/keySet.ts';
import { ecKey, rsaKey, startJwksServer, type JwksServer, type SigningKey } from '../support/jwksServer.ts';

const rsa = rsaKey('rsa-1');
const ec = ecKey('ec-1');
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const headerOf = ({ algorithm, kid }: SigningKey): object => ({ alg: algorithm, kid });
const isKeyOf = (found: KeyObject | null, { publicKey }: SigningKey): boolean =>
  found?.equals(publicKey) === true;

const publishedAs = (kid: string): object => ({ ...rsa.publicKey.export({ format: 'jwk' }), kid });

describe('The key set behind JWKS_URI', () => {
  let server: JwksServer;
  let keySet: KeySet;
  let now: number;
  let failures: string[];

  beforeEach(async () => {
    server = await startJwksServer([rsa, ec]);
    now = 0;
    failures = [];
    keySet = createKeySet({
      uri: server.uri,
      now: () => now,
      onFailure: ({ message }) => failures.push(message),
    });
  });
  afterEach(() => server.stop());

  const find = (kid: string, alg = 'RS256'): Promise<KeyObject | null> => keySet.find({ alg, kid });
  const errorOf = (promise: Promise<unknown>): Promise<unknown> =>
    promise.then(
      () => null,
      (error: unknown) => error,
    );

  it('is fetched once for all its keys, however many there are', async () => {
    const many = Array.from({ length: 7 }, (_, index) => ecKey(`k${index}`));
    server.publish(many);
    for (const key of [...many, ...many])
      expect(isKeyOf(await keySet.find(headerOf(key)), key)).to.equal(true);
    expect(server.requests).to.equal(1);
  });

  it('shares one fetch among all concurrent callers', async () => {
    const found = await Promise.all([find('rsa-1'), find('made-up'), keySet.find(headerOf(ec))]);
    expect(found.map((key) => key !== null)).to.deep.equal([true, false, true]);
    expect(server.requests).to.equal(1);
  });

  it('is fetched at most once in 30 s for unknown key ids, while known keys never wait', async () => {
    await find('rsa-1');
    for (let second = 1; second <= 60; second += 1) {
      now = second * SECOND;
      for (let n = 0; n < 5; n += 1) expect(await find(`made-up-${second}-${n}`)).to.equal(null);
      expect(isKeyOf(await find('rsa-1'), rsa)).to.equal(true);
    }
    expect(server.requests).to.equal(3);
  });

  it('includes a rotated key after at most 30 s, and drops a withdrawn key after at most 10 min', async () => {
    await find('rsa-1');
    const next = rsaKey('rsa-2');
    server.publish([next]);
    now = 29 * SECOND;
    expect(await find('rsa-2')).to.equal(null);
    now = 30 * SECOND;
    expect(isKeyOf(await find('rsa-2'), next)).to.equal(true);
    expect(await find('rsa-1')).to.equal(null);
    server.publish([rsa]);
    now += 10 * MINUTE;
    // The token that finds the set old is still answered from it; the fetch runs beside it.
    expect(isKeyOf(await find('rsa-2'), next)).to.equal(true);
    await keySet.refresh();
    expect(await find('rsa-2')).to.equal(null);
  });

  it('remains valid for 24 h while the provider is down, and no longer', async () => {
    await find('rsa-1');
    server.isUp = false;
    for (let hour = 1; hour < 24; hour += 1) {
      now = hour * HOUR;
      expect(isKeyOf(await find('rsa-1'), rsa), `${hour} h`).to.equal(true);
    }
    now = 24 * HOUR;
    expect(await errorOf(find('rsa-1'))).to.be.instanceOf(KeysUnavailableError);
    server.isUp = true;
    now += 30 * SECOND;
    expect(isKeyOf(await find('rsa-1'), rsa)).to.equal(true);
  });

  it('does not make a token with an unknown key id invalid while the provider is down', async () => {
    await find('rsa-1');
    server.isUp = false;
    now = 30 * SECOND;
    expect(await errorOf(find('made-up'))).to.be.instanceOf(KeysUnavailableError);
    expect(await errorOf(find('made-up-2'))).to.be.instanceOf(KeysUnavailableError);
    expect(server.requests).to.equal(2);
    expect(failures).to.have.lengthOf(1);
  });

  it('is fetched again soon after a failed first fetch, with growing pauses', async () => {
    server.isUp = false;
    for (const at of [0, 249, 250, 500, 749, 750, 60_000]) {
      now = at;
      expect(await errorOf(find('rsa-1')), String(at)).to.be.instanceOf(KeysUnavailableError);
    }
    expect(server.requests).to.equal(4);
    server.isUp = true;
    now = 120_000;
    expect(isKeyOf(await find('rsa-1'), rsa)).to.equal(true);
  });

  const answers: [what: string, answer: string | Buffer][] = [
    ['no JSON', '<html></html>'],
    ['null', 'null'],
    ['a set without keys', '{"keys":[]}'],
    ['keys that are not a list', '{"keys":{}}'],
    ['nothing that signs', '{"keys":[null,1,{"kty":"oct","k":"AAAA"},{"kty":"RSA","n":"AQAB"}]}'],
    ['more than 256 KiB', JSON.stringify({ keys: [publishedAs('made-up')] }) + ' '.repeat(256 * 1024)],
  ];
  for (const [what, answer] of answers) {
    it(`stays unchanged if the provider answers ${what}`, async () => {
      await find('rsa-1');
      server.answer = answer;
      now = 30 * SECOND;
      expect(await errorOf(find('made-up'))).to.be.instanceOf(KeysUnavailableError);
      expect(isKeyOf(await find('rsa-1'), rsa)).to.equal(true);
    });
  }

  for (const stall of ['silent', 'dripping', 'hanging up'] as const) {
    it(`stays unchanged, after a time limit, if the provider is ${stall}; known keys do not wait`, async function () {
      this.timeout(3_000); // 0.2 s; without a limit of the whole fetch, for ever
      keySet = createKeySet({ uri: server.uri, now: () => now, timeoutMs: 200 });
      await find('rsa-1');
      server.stall = stall;
      now = 30 * SECOND;
      const unknown = errorOf(find('made-up'));
      expect(isKeyOf(await find('rsa-1'), rsa)).to.equal(true);
      expect(await unknown).to.be.instanceOf(KeysUnavailableError);
      expect(isKeyOf(await find('rsa-1'), rsa)).to.equal(true);
      server.stall = null;
      now += 30 * SECOND;
      expect(await find('made-up')).to.equal(null);
    });
  }

  it('follows no redirect', async () => {
    server.redirectTo = `${server.uri}?elsewhere`;
    expect(await errorOf(find('rsa-1'))).to.be.instanceOf(KeysUnavailableError);
    expect(server.requests).to.equal(1);
  });

  it('omits keys that are not for signing, have another algorithm or curve, or are too short', async () => {
    const { publicKey: short } = generateKeyPairSync('rsa', { modulusLength: 1_024 });
    const { publicKey: curve } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
    const jwk = (key: KeyObject, members: object): object => ({
      ...key.export({ format: 'jwk' }),
      ...members,
    });
    server.answer = JSON.stringify({
      keys: [
        jwk(rsa.publicKey, { kid: 'encryption', use: 'enc' }),
        jwk(rsa.publicKey, { kid: 'other', alg: 'RS512' }),
        jwk(rsa.publicKey, { kid: 'wrap', key_ops: ['wrapKey'] }),
        jwk(short, { kid: 'short' }),
        jwk(curve, { kid: 'curve' }),
        jwk(rsa.publicKey, { kid: 'good' }),
      ],
    });
    for (const kid of ['encryption', 'other', 'wrap', 'short']) expect(await find(kid), kid).to.equal(null);
    expect(await find('good')).to.not.equal(null);
    expect(await find('good', 'ES256')).to.equal(null);
    expect(await find('curve', 'ES256')).to.equal(null);
  });

  it('matches a token without a key id only to the sole key of its algorithm', async () => {
    expect(isKeyOf(await keySet.find({ alg: 'ES256' }), ec)).to.equal(true);
    server.publish([rsa, rsaKey('rsa-2')]);
    await keySet.refresh();
    expect(await keySet.find({ alg: 'RS256' })).to.equal(null);
  });
});
