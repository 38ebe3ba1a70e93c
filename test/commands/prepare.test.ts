import { expect } from 'chai';
import type { Outcome, Request } from '../../src/commands/command.ts';
import { createCommandSide } from '../../src/commands/handling/commandSide.ts';
import { registerUser, type RegisterUserBody } from '../../src/commands/registerUser.ts';
import type { EventStore } from '../../src/events/eventStore.ts';
import type { UserRecord } from '../../src/events/types.ts';
import { memoryEventStore, memoryLog } from '../support/memoryEventStore.ts';
import { HASH, newDni, userBody } from '../support/people.ts';
import { codeOf, immediateClock, TEST_KEY } from '../support/processes.ts';

/** Registers users over a store, and counts how often a password was hashed. */
function registrations(store: EventStore = memoryEventStore(memoryLog())) {
  const { handle } = createCommandSide({ store, key: TEST_KEY, clock: immediateClock });
  let hashed = 0;
  const hash = async (body: RegisterUserBody): Promise<RegisterUserBody> => {
    hashed += 1;
    return { ...body, password: HASH };
  };
  const register = (
    changes: Partial<RegisterUserBody>,
    { role = 'admin', key }: { role?: string; key?: string } = {},
  ): Promise<Outcome<UserRecord>> => {
    const request: Request = {
      actor: { account: 'a', role },
      requestId: 'r',
      correlationId: 'c',
      ifMatch: null,
      key: key === undefined ? null : { value: key, route: 'test', bodyHash: 'same' },
    };
    return handle(registerUser, userBody(changes), request, hash);
  };
  return { register, hashed: () => hashed };
}

describe('The password of a registration', () => {
  it('is hashed, and only the hash is stored', async () => {
    const { register, hashed } = registrations();
    const outcome = await register({});
    expect(outcome.outcome === 'done' && outcome.state?.password).to.equal(HASH);
    expect(hashed()).to.equal(1);
  });

  it('is not hashed if a rule refuses the registration', async () => {
    const { register, hashed } = registrations();
    expect(codeOf(await register({ categoria: 'admin' }, { role: 'monitor' }))).to.equal('forbidden');
    expect(codeOf(await register({ fechabaja: '2000-01-01' }))).to.equal('invalid');
    expect(hashed()).to.equal(0);
  });

  it('is not hashed if the DNI is taken', async () => {
    const { register, hashed } = registrations();
    const dni = newDni();
    await register({ dni });
    expect(codeOf(await register({ dni }))).to.equal('taken');
    expect(codeOf(await register({ dni }, { key: 'k' }))).to.equal('taken');
    expect(hashed()).to.equal(1);
  });

  it('is not hashed again for a repeat with the same Idempotency-Key', async () => {
    const { register, hashed } = registrations();
    const dni = newDni();
    expect(codeOf(await register({ dni }, { key: 'k' }))).to.equal('done');
    expect(codeOf(await register({ dni }, { key: 'k' }))).to.equal('done');
    expect(hashed()).to.equal(1);
  });

  it('is hashed once, even if other writers interfere repeatedly', async () => {
    const store = memoryEventStore(memoryLog());
    let conflicts = 0;
    const { register, hashed } = registrations({
      ...store,
      async append(appends, options) {
        const last = appends.at(-1);
        if (last?.stream.startsWith('user-') && (conflicts += 1) <= 3) {
          return { outcome: 'conflict', stream: last.stream, actual: last.expected };
        }
        return store.append(appends, options);
      },
    });
    expect(codeOf(await register({}))).to.equal('done');
    expect(conflicts).to.equal(4);
    expect(hashed()).to.equal(1);
  });
});
