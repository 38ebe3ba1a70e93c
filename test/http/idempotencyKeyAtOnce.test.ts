import { expect } from 'chai';
import { aPersona, aUser, personaBody } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

describe('One Idempotency-Key, sent many times at once,', () => {
  const running = serviceForTests();
  const admin = tokenOf('admin');
  const subjectEvents = async (): Promise<number> =>
    (await running().events()).filter(({ stream }) => /^(persona|user)-/.test(stream)).length;

  it('registers one person, who is in each answer', async () => {
    const call = { token: admin, headers: { 'idempotency-key': 'at-once' }, body: personaBody() };
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => running().send('POST', '/api/personas', call)),
    );
    expect(new Set(answers.map(({ status }) => status))).to.deep.equal(new Set([201]));
    expect(new Set(answers.map(({ headers }) => headers['location'])).size).to.equal(1);
    const repeat = await running().send('POST', '/api/personas', call);
    expect(repeat.headers['location']).to.equal(answers[0]?.headers['location']);
  });

  it('removes a user once, and each answer reports success', async () => {
    const { dni } = await aUser(running().service);
    const call = { token: admin, headers: { 'idempotency-key': 'delete-at-once' }, body: { dni } };
    const before = await subjectEvents();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => running().send('POST', '/users/delete', call)),
    );
    expect(new Set(answers.map(({ status }) => status))).to.deep.equal(new Set([200]));
    expect((await subjectEvents()) - before).to.equal(1);
  });

  it('names one roll, which is each answer', async () => {
    const body = { name: 'At once', kind: 'users', at: '2025-01-01' };
    const call = { token: admin, headers: { 'idempotency-key': 'roll-at-once' }, body };
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => running().send('POST', '/rolls', call)),
    );
    expect(new Set(answers.map(({ status }) => status))).to.deep.equal(new Set([201]));
    expect(new Set(answers.map((answer) => JSON.stringify(answer.body))).size).to.equal(1);
  });

  it('is one request: another body with it is refused (422), and only one of both is applied', async () => {
    const rolls = Array.from({ length: 10 }, (_, index) => ({
      name: `One of two, ${index % 2}`,
      kind: 'users',
      at: '2025-01-01',
    }));
    const headers = { 'idempotency-key': 'two-bodies' };
    const answers = await Promise.all(
      rolls.map((body) => running().send('POST', '/rolls', { token: admin, headers, body })),
    );
    expect(answers.map(({ status }) => status).sort()).to.deep.equal([
      ...Array<number>(5).fill(201),
      ...Array<number>(5).fill(422),
    ]);
  });

  it('erases a person once, and each answer is the certificate', async function () {
    if (process.env['TEST_SEALING'] === 'off') this.skip();
    const { id, dni } = await aPersona(running().service);
    const body = { reason: 'Request of 12 March, file 2026/81', confirm: dni };
    const call = { token: admin, headers: { 'idempotency-key': 'erase-at-once' }, body };
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => running().send('POST', `/api/personas/${id}/erase`, call)),
    );
    expect(new Set(answers.map(({ status }) => status))).to.deep.equal(new Set([200]));
    expect(new Set(answers.map((answer) => JSON.stringify(answer.body))).size).to.equal(1);
  });
});
