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

  it('are checked if they are configured', async () => {
    expect(await statusWith(right)).to.equal(200);
    expect(await statusWith({ ...right, aud: ['others', 'padron'] })).to.equal(200);
  });

  it('make a token with other values, or without them, invalid (401)', async () => {
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
