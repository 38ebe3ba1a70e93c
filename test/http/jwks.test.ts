import { expect } from 'chai';
import jsonwebtoken from 'jsonwebtoken';
import { eventually } from '../support/eventually.ts';
import { ecKey, rsaKey, startJwksServer, type JwksServer, type SigningKey } from '../support/jwksServer.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { tokenOf, tokenWith, unsignedToken } from '../support/tokens.ts';

const rsa = rsaKey('rsa-1');
const ec = ecKey('ec-1');
const stranger = rsaKey('rsa-1');

function signedBy(
  { privateKey, algorithm, kid }: SigningKey,
  options: jsonwebtoken.SignOptions = {},
): string {
  const claims = { sub: 'ana', role: 'admin' };
  return jsonwebtoken.sign(claims, privateKey, { algorithm, keyid: kid, expiresIn: '1h', ...options });
}

describe('A token under JWKS_URI', () => {
  let jwks: JwksServer;
  let running: TestService;

  beforeEach(async () => {
    jwks = await startJwksServer([rsa, ec]);
    running = await startTestService({ keys: { jwksUri: jwks.uri }, issuer: 'https://login.example.org' });
  });
  afterEach(async () => {
    await running.stop();
    await jwks.stop();
  });

  const issuer = 'https://login.example.org';
  const statusWith = async (token: string): Promise<number> =>
    (await running.send('GET', '/api/personas', { token })).status;

  it('is accepted when signed with RS256 or ES256 by one of its keys', async () => {
    expect(await statusWith(signedBy(rsa, { issuer }))).to.equal(200);
    expect(await statusWith(signedBy(ec, { issuer }))).to.equal(200);
  });

  it('is refused (401) if it is expired, has another issuer, an unknown key or a wrong kid', async () => {
    expect(await statusWith(signedBy(rsa, { issuer, expiresIn: -10 }))).to.equal(401);
    expect(await statusWith(signedBy(rsa, { issuer: 'https://evil.example.org' }))).to.equal(401);
    expect(await statusWith(signedBy({ ...stranger, kid: 'rsa-2' }, { issuer }))).to.equal(401);
    expect(await statusWith(signedBy(stranger, { issuer }))).to.equal(401);
  });

  it('is refused (401) with another algorithm: none, a shared secret, or HS256 with the public key as secret', async () => {
    expect(await statusWith(tokenOf('admin'))).to.equal(401);
    const header = { alg: 'none', kid: 'rsa-1' };
    expect(await statusWith(unsignedToken(header, { sub: 'ana', role: 'admin', iss: issuer }))).to.equal(401);
    const pem = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    expect(
      await statusWith(tokenWith({ sub: 'ana', role: 'admin' }, { secret: pem, keyid: 'rsa-1', issuer })),
    ).to.equal(401);
    expect(await statusWith(signedBy(rsa, { issuer, algorithm: 'RS512' }))).to.equal(401);
  });

  it('is not called invalid while the key set cannot be fetched: 503 with Retry-After', async () => {
    jwks.isUp = false;
    const answer = await running.send('GET', '/api/personas', { token: signedBy(rsa, { issuer }) });
    expect(answer.status).to.equal(503);
    expect(answer.headers).to.have.property('retry-after');
    jwks.isUp = true;
    await eventually('a token is taken', async () => (await statusWith(signedBy(rsa, { issuer }))) === 200);
  });

  it('is accepted during a flood of tokens with unknown keys, which are refused (401) with few fetches', async () => {
    const storm = await Promise.all(
      Array.from({ length: 200 }, (_, n) =>
        statusWith(signedBy({ ...stranger, kid: `made-up-${n}` }, { issuer })),
      ),
    );
    expect(new Set(storm)).to.deep.equal(new Set([401]));
    expect(await statusWith(signedBy(ec, { issuer }))).to.equal(200);
    expect(jwks.requests).to.be.at.most(2);
  });

  it('is verified with cached keys while the endpoint is down', async () => {
    expect(await statusWith(signedBy(rsa, { issuer }))).to.equal(200);
    await jwks.stop();
    expect(await statusWith(signedBy(rsa, { issuer, expiresIn: '2h' }))).to.equal(200);
    expect(await statusWith(signedBy(stranger, { issuer }))).to.equal(401);
  });
});
