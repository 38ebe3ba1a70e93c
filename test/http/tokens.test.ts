import { expect } from 'chai';
import { serviceForTests } from '../support/service.ts';
import { SECRET, signedText, tokenOf, tokenWith, unsignedToken } from '../support/tokens.ts';

const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1_000) + seconds;
const admin = { sub: 'ana', role: 'admin' };

describe('A token under JWT_SECRET', () => {
  const running = serviceForTests();
  const statusWith = async (token: string): Promise<number> =>
    (await running().send('GET', '/api/personas', { token })).status;

  it('is accepted when it is signed with the secret', async () => {
    expect(await statusWith(tokenOf('admin'))).to.equal(200);
  });

  it('with alg none is refused (401), whatever the letter case and signature', async () => {
    const [, , signature] = tokenOf('admin').split('.');
    for (const alg of ['none', 'None', 'NONE', '']) {
      for (const sign of ['', signature as string, 'x']) {
        expect(await statusWith(unsignedToken({ alg, typ: 'JWT' }, admin, sign))).to.equal(401);
      }
    }
  });

  it('with another algorithm is refused (401), even with the right secret', async () => {
    for (const algorithm of ['HS384', 'HS512'] as const) {
      expect(await statusWith(tokenWith(admin, { algorithm }))).to.equal(401);
    }
    expect(await statusWith(unsignedToken({ alg: 'RS256', typ: 'JWT' }, admin, 'AAAA'))).to.equal(401);
  });

  it('with another secret or changed claims is refused (401)', async () => {
    expect(await statusWith(tokenWith(admin, { secret: `${SECRET}!` }))).to.equal(401);
    const [header, , signature] = tokenOf('asistente').split('.') as [string, string, string];
    const payload = Buffer.from(JSON.stringify(admin)).toString('base64url');
    expect(await statusWith(`${header}.${payload}.${signature}`)).to.equal(401);
  });

  it('that is expired or not yet valid is refused (401), allowing clocks to differ by five seconds', async () => {
    expect(await statusWith(tokenWith({ ...admin, exp: inSeconds(-10) }))).to.equal(401);
    expect(await statusWith(tokenWith({ ...admin, exp: inSeconds(-2) }))).to.equal(200);
    expect(await statusWith(tokenWith({ ...admin, nbf: inSeconds(60) }))).to.equal(401);
    expect(await statusWith(tokenWith({ ...admin, nbf: inSeconds(3) }))).to.equal(200);
    expect(await statusWith(tokenWith({ ...admin, nbf: inSeconds(-60), exp: inSeconds(60) }))).to.equal(200);
  });

  it('without an exp, or with one that is not a finite number, is refused (401)', async () => {
    expect(await statusWith(signedText('{"sub":"ana","role":"admin"}'))).to.equal(401);
    for (const exp of ['1e999', '-1e999', '"9999999999"', 'null', 'true', '[9999999999]']) {
      expect(await statusWith(signedText(`{"sub":"ana","role":"admin","exp":${exp}}`)), exp).to.equal(401);
    }
    expect(await statusWith(signedText('{"sub":"ana","role":"admin","exp":9999999999}'))).to.equal(200);
  });

  it('with a critical extension, or of a type other than access token, is refused (401)', async () => {
    const withHeader = (header: object): Promise<number> =>
      statusWith(tokenWith(admin, { header: { alg: 'HS256', ...header } }));
    expect(await withHeader({ crit: ['exp'] })).to.equal(401);
    expect(await withHeader({ crit: [] })).to.equal(401);
    for (const typ of ['id+jwt', 'logout+jwt', 'JWS', '', 7, null]) {
      expect(await withHeader({ typ }), String(typ)).to.equal(401);
    }
    for (const typ of ['JWT', 'jwt', 'at+jwt', 'at+JWT'])
      expect(await withHeader({ typ }), typ).to.equal(200);
    expect(await statusWith(signedText('{"sub":"ana","role":"admin","exp":9999999999}'))).to.equal(200);
  });

  it('whose roles are not a list of strings is refused (401)', async () => {
    for (const roles of ['admin', { 0: 'admin' }, ['admin', 1], [['admin']], null, 7]) {
      expect(await statusWith(tokenWith({ sub: 'ana', roles })), JSON.stringify(roles)).to.equal(401);
      expect(await statusWith(tokenWith({ ...admin, roles })), JSON.stringify(roles)).to.equal(401);
    }
    expect(await statusWith(tokenWith({ sub: 'ana', roles: ['socio', 'admin'] }))).to.equal(200);
  });

  it('that is malformed is refused (401)', async () => {
    for (const token of [
      '',
      'x',
      'x.y',
      'x.y.z',
      '...',
      'null',
      `${tokenOf('admin')}.x`,
      'a'.repeat(5_000),
    ]) {
      expect(await statusWith(token), token.slice(0, 20)).to.equal(401);
    }
  });

  it('is accepted after more than one space, and with the scheme in any letter case', async () => {
    for (const scheme of ['Bearer ', 'Bearer  ', 'bearer   ', 'BEARER ']) {
      const headers = { authorization: `${scheme}${tokenOf('admin')}` };
      const { status } = await running().send('GET', '/api/personas', { headers });
      expect(status, scheme).to.equal(200);
    }
  });

  it('is accepted only from a Bearer header', async () => {
    const token = tokenOf('admin');
    for (const authorization of [
      `Basic ${token}`,
      token,
      `Bearer${token}`,
      `Bearer ${token} ${token}`,
      'Bearer',
    ]) {
      const { status } = await running().send('GET', '/api/personas', { headers: { authorization } });
      expect(status, authorization.slice(0, 12)).to.equal(401);
    }
    const elsewhere = await running().send('GET', '/api/personas', { headers: { cookie: `token=${token}` } });
    expect(elsewhere.status).to.equal(401);
  });
});
