import { expect } from 'chai';
import { createDocumentTrust } from '../../src/roll/reading/documentTrust.ts';

describe('Documents that may stand for their events', () => {
  it('are looked for as long as enough people have one', () => {
    const trust = createDocumentTrust();
    for (let chunk = 0; chunk < 20; chunk += 1) {
      expect(trust.asks()).to.equal(true);
      trust.learn(10, 50);
    }
  });

  it('are looked for in one chunk of eight while few people have one', () => {
    const trust = createDocumentTrust();
    const asked: boolean[] = [];
    for (let chunk = 0; chunk < 17; chunk += 1) {
      asked.push(trust.asks());
      if (asked.at(-1)) trust.learn(7, 50);
    }
    expect(asked.flatMap((one, chunk) => (one ? chunk : []))).to.deep.equal([0, 8, 16]);
    trust.learn(8, 50);
    expect(trust.asks()).to.equal(true);
  });
});
