import { expect } from 'chai';
import { aPersona } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenWith } from '../support/tokens.ts';

describe('The account of a token', () => {
  const running = serviceForTests();

  const answerTo = async (claims: object) =>
    running().send('GET', '/api/personas/me', { token: tokenWith({ role: 'admin', ...claims }) });

  it('is its sub, a number too, kept as a text', async () => {
    const { id } = await aPersona(running().service, { cuenta: '4711' });
    expect((await answerTo({ sub: 4711 })).body).to.include({ id });
    expect((await answerTo({ sub: '4711' })).body).to.include({ id });
  });

  it('is compared exactly', async () => {
    await aPersona(running().service, { cuenta: 'Ana' });
    for (const sub of ['ana', 'Ana ', ' Ana', 'Aña', 'A\u200bna']) {
      expect((await answerTo({ sub })).status, JSON.stringify(sub)).to.equal(404);
    }
    expect((await answerTo({ sub: 'Ana' })).status).to.equal(200);
  });

  it('is missing from a token without a sub, or with one that is neither text nor number: 401', async () => {
    // jsonwebtoken signs no object with such a sub, but it signs its text.
    const statusOf = async (claims: object): Promise<number> => {
      const token = tokenWith(Buffer.from(JSON.stringify({ role: 'admin', exp: 9_999_999_999, ...claims })));
      return (await running().send('GET', '/api/personas/me', { token })).status;
    };
    expect(await statusOf({ sub: 'nobody' })).to.equal(404);
    for (const claims of [{}, { sub: '' }, { sub: null }, { sub: true }, { sub: ['a'] }, { sub: {} }]) {
      expect(await statusOf(claims), JSON.stringify(claims)).to.equal(401);
    }
  });
});
