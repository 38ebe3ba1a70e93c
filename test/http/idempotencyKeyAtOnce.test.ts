import { expect } from 'chai';
import { aUser, personaBody } from '../support/people.ts';
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
});
