import { expect } from 'chai';
import type { UserRecord } from '../../src/events/types.ts';
import { history } from '../../src/projections/views/history.ts';
import { users } from '../../src/projections/views/users.ts';
import { aUser, HASH } from '../support/people.ts';
import { MAX_MS, openVerified, type Verified } from './support/verified.ts';

const SECRET = '$2b$12$somebodyElsesHash';

describe('A reported difference', function () {
  this.timeout(MAX_MS);
  let verified: Verified;
  let socia: UserRecord;
  beforeEach(async () => {
    verified = await openVerified();
    socia = await aUser(verified);
    await verified.level();
    await verified.tamper(users, socia.IdUsuario, (document) => ({
      ...document,
      body: { ...document.body, email: 'eva@example.com', password: SECRET, 'Calle Luna 12': 'x' },
      search: 'eva@example.com',
    }));
    const event = (await verified.store.readAll(null, 100)).find(({ type }) => type === 'UserRegistered')!;
    const row = history.rowOf(event)!;
    await (
      await verified.rows()
    ).repair(row.position, {
      ...row,
      json: row.json.replaceAll('"***"', JSON.stringify(SECRET)),
    });
  });
  afterEach(() => verified.close());

  it('contains no value unless values are asked for', async () => {
    const { found } = await verified.verify();
    const subject = `user-${socia.IdUsuario}`;
    const text = JSON.stringify(found);
    for (const value of [socia.email, 'eva@example.com', SECRET, HASH, socia.dni, 'Luna']) {
      expect(text).not.to.contain(value);
    }
    expect(found.map((one) => [one.projection, one.subject, one.member, one.revision])).to.have.deep.members([
      ['history', subject, 'changes', 0],
      ['users', subject, 'password', 0],
      ['users', subject, 'email', 0],
      ['users', subject, '(unknown)', 0],
      ['users', subject, 'search', 0],
    ]);
  });

  it('contains the expected and actual value if asked for, but never a secret', async () => {
    const { found } = await verified.verify({ showValues: true });
    const text = JSON.stringify(found);
    expect(text).not.to.contain(SECRET);
    expect(text).not.to.contain(HASH);
    const valuesOf = (member: string) => found.find((one) => one.member === member)?.values;
    expect(valuesOf('email')).to.deep.equal({ expected: socia.email, found: 'eva@example.com' });
    expect(valuesOf('password')).to.deep.equal({ expected: '***', found: '***' });
  });
});
