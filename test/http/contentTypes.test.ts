import { expect } from 'chai';
import { aPersona } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

describe('A request body', () => {
  const running = serviceForTests();
  let token = '';
  before(async () => {
    token = tokenOf('asistente', (await aPersona(running().service)).cuenta);
  });

  const statusOf = async (headers: Record<string, string>, body: string | Buffer = '{}'): Promise<number> =>
    (await running().send('PUT', '/api/personas/me', { token, headers, body })).status;

  it('is accepted as JSON in any letter case and with any parameters that RFC 9110 allows', async () => {
    const types = [
      'application/json',
      'Application/JSON',
      'APPLICATION/JSON; CHARSET=UTF-8',
      'application/json;charset=utf-8',
      'application/json ; charset="utf-8"',
      'application/json; charset=utf8',
      'application/json; profile="a;b=\\"c"; charset=utf-8',
      'application/json;',
      'application/json; v=1;;',
    ];
    for (const type of types) expect(await statusOf({ 'content-type': type }), type).to.equal(200);
  });

  it('is refused with another content type or charset (415)', async () => {
    const types = [
      'application/json; charset=latin1',
      'application/json; charset="iso-8859-1"',
      'application/json; charset=utf-8; charset=utf-16',
      'application/json; charset=us-ascii',
      'application/json charset=utf-8',
      'application/json; charset',
      'application/jsonp',
      'application/json/x',
      'application/problem+json',
      'text/json',
      'application/x-www-form-urlencoded',
      'json',
      ';',
    ];
    for (const type of types) expect(await statusOf({ 'content-type': type }), type).to.equal(415);
  });

  it('is accepted with the identity coding in any letter case, and with no other (415)', async () => {
    for (const coding of ['identity', 'IDENTITY', ' Identity ', '']) {
      expect(await statusOf({ 'content-encoding': coding }), coding).to.equal(200);
    }
    for (const coding of ['gzip', 'GZIP', 'br', 'deflate', 'identity, gzip', 'x']) {
      expect(await statusOf({ 'content-encoding': coding }), coding).to.equal(415);
    }
  });

  it('may begin with one UTF-8 byte order mark', async () => {
    expect(await statusOf({}, '\uFEFF{}')).to.equal(200);
    expect(await statusOf({}, '\uFEFF\uFEFF{}')).to.equal(400);
    expect(await statusOf({}, '{}\uFEFF')).to.equal(400);
    for (const encoding of ['utf16le'] as const) {
      const bytes = Buffer.from('\uFEFF{}', encoding);
      expect(await statusOf({}, bytes), encoding).to.equal(400);
    }
  });
});
