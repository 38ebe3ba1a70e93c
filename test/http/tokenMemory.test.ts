import { expect } from 'chai';
import { createTokenVerifier } from '../../src/http/access/tokens.ts';
import { SECRET, tokenWith } from '../support/tokens.ts';

describe('The cache of verified tokens', () => {
  const machineNow = Date.now;
  let now: number;

  beforeEach(() => {
    now = machineNow();
    // jsonwebtoken asks the machine's clock, so that is the one to set.
    Date.now = () => now;
  });
  afterEach(() => {
    Date.now = machineNow;
  });

  const verifier = () =>
    createTokenVerifier({ keys: { secret: SECRET }, issuer: null, audience: null }, () => Date.now());

  it('verifies a token again after half a minute at the earliest and a minute at the latest', async () => {
    const verify = verifier();
    const context = contextWith(tokenWith({ sub: 'ana' }, { expiresIn: '1h' }));
    const claims = await verify(context);
    now += 29_999;
    expect(await verify(context)).to.equal(claims);
    now += 30_001;
    const again = await verify(context);
    expect(again).to.deep.equal(claims);
    expect(again).to.not.equal(claims);
  });

  it('spreads the next verification of tokens that arrived together', async () => {
    const verify = verifier();
    const contexts = Array.from({ length: 100 }, (_, n) => contextWith(tokenWith({ sub: String(n) })));
    const first = await Promise.all(contexts.map(verify));
    now += 45_000;
    const later = await Promise.all(contexts.map(verify));
    const again = later.filter((claims, index) => claims !== first[index]);
    // Half of them, on average; none or all: once in 2^99 runs.
    expect(again.length).to.be.within(1, 99);
  });

  it('never accepts a token past its exp', async () => {
    const verify = verifier();
    const exp = Math.floor(now / 1_000) + 30;
    const context = contextWith(tokenWith({ sub: 'ana', exp }));
    expect(await verify(context)).to.include({ sub: 'ana' });
    now = exp * 1_000 - 1;
    expect(await verify(context)).to.include({ sub: 'ana' });
    // From here on the leeway decides, on the token itself.
    now = (exp + 6) * 1_000;
    const refusal = await verify(context).catch((error: unknown) => error);
    expect(refusal).to.have.property('code', 'unauthorized');
  });

  it('keeps a token once, however often it is sent and however it is spaced', async () => {
    const verify = verifier();
    const token = tokenWith({ sub: 'ana' }, { expiresIn: '1h' });
    const claims = await verify(contextWith(token));
    for (const header of [`Bearer  ${token}`, `bearer ${token}`, `Bearer${' '.repeat(9_000)}${token}`]) {
      expect(await verify(contextWith(token, header))).to.equal(claims);
    }
  });

  it('never applies the claims of one token to another', async () => {
    const verify = verifier();
    await verify(contextWith(tokenWith({ sub: 'ana' })));
    const other = contextWith(tokenWith({ sub: 'eva' }, { secret: 'another secret' }));
    expect(await verify(other).catch((error: unknown) => error)).to.have.property('code', 'unauthorized');
  });
});

/** What the verifier reads of Koa's context. */
function contextWith(token: string, authorization = `Bearer ${token}`): never {
  const header = { authorization };
  return {
    state: {},
    header,
    cookies: { get: () => undefined },
    get: () => header.authorization,
    throw: (status: number, message: string, properties: object) => {
      throw Object.assign(new Error(message), { status }, properties);
    },
  } as never;
}
