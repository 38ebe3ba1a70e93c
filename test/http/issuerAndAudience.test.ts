import { expect } from 'chai';
import { serviceForTests } from '../support/service.ts';
import { tokenWith } from '../support/tokens.ts';

describe('JWT_ISSUER and JWT_AUDIENCE', () => {
  const running = serviceForTests({ issuer: 'https://login.example.org', audience: 'padron' });
  const statusWith = async (claims: object): Promise<number> => {
    const token = tokenWith({ sub: 'ana', role: 'admin', ...claims });
    return (await running().send('GET', '/users', { token })).status;
  };
  const right = { iss: 'https://login.example.org', aud: 'padron' };

  it('are checked when they are set', async () => {
    expect(await statusWith(right)).to.equal(200);
    expect(await statusWith({ ...right, aud: ['others', 'padron'] })).to.equal(200);
  });

  it('make a token that names others, or none, a bad one: 401', async () => {
    for (const claims of [
      {},
      { ...right, iss: 'x' },
      { ...right, aud: 'x' },
      { iss: right.iss },
      { aud: 'padron' },
    ]) {
      expect(await statusWith(claims), JSON.stringify(claims)).to.equal(401);
    }
  });
});
