import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import { systemClock } from '../../src/platform/clock.ts';
import { updatePersonaProfile } from '../../src/commands/updatePersonaProfile.ts';
import { UnknownEventError } from '../../src/events/domainEvent.ts';
import { lastEventOf } from '../../src/events/eventStore.ts';
import { newEvent, systemOrigin } from '../../src/events/newEvent.ts';
import type { PersonaRecord } from '../../src/events/types.ts';
import { createParkedSubjects } from '../../src/projections/parking/createParkedSubjects.ts';
import { personas } from '../../src/projections/views/personas.ts';
import { aPersona } from '../support/people.ts';
import { by, MAX_MS, openVerified, type Verified } from './support/verified.ts';

const NOW = '2026-03-01T10:00:00.000Z';

describe('Verifying subjects that cannot be folded', function () {
  this.timeout(MAX_MS);
  let verified: Verified;
  let ana: PersonaRecord & { cuenta: string };
  beforeEach(async () => {
    verified = await openVerified();
    ana = await aPersona(verified);
    await aPersona(verified);
    await verified.level();
  });
  afterEach(() => verified.close());

  async function appendToAna(...types: string[]): Promise<void> {
    const stream = `persona-${ana.id}`;
    const expected = (await lastEventOf(verified.store, stream))!.revision;
    const events = types.map((type) => ({
      ...newEvent(randomUUID(), { type: 'PersonaRegistered', data: ana }, systemOrigin('test'), NOW),
      type,
    }));
    await verified.store.append([{ stream, expected, events }]);
  }
  const parked = (): object => ({
    projection: 'personas',
    subject: `persona-${ana.id}`,
    member: null,
    problem: 'parked',
  });

  it('a parked subject is reported, and stays as it is while it cannot be folded', async () => {
    await appendToAna('PersonaRegistered');
    await verified.level();
    const before = await verified.everything();
    expect((await verified.verify()).told).to.deep.equal([parked()]);
    const { told, found } = await verified.verify({ repair: true });
    expect(told).to.deep.equal([parked()]);
    expect(found[0]).to.include({ repaired: false });
    expect(await verified.everything()).to.deep.equal(before);
  });

  it('the last good state of a parked subject must be correct, too', async () => {
    await appendToAna('PersonaRegistered');
    await verified.level();
    const before = await verified.everything();
    await verified.tamper(personas, ana.id, (document) => ({
      ...document,
      body: { ...ana, nombres: 'Eva' },
    }));
    const wanted = [parked(), { ...parked(), member: 'nombres', problem: 'different' }];
    expect((await verified.verify()).told).to.deep.equal(wanted);
    expect((await verified.verify({ repair: true })).told).to.deep.equal(wanted);
    expect(await verified.everything()).to.deep.equal(before);
  });

  it('a subject that is parked although it can be folded is caught up', async () => {
    await verified.commands.handle(updatePersonaProfile, { telefono: '600' }, by(ana.cuenta));
    await verified.level();
    const before = await verified.everything();
    await verified.tamper(personas, ana.id, (document) => ({
      ...document,
      revision: 0,
      body: ana,
      parked: {
        revision: 1,
        position: '9',
        type: 'x',
        reason: 'a fault of an older padron',
        attempts: 3,
        at: NOW,
        heldUpTo: 1,
      },
    }));
    expect((await verified.verify()).told).to.deep.equal([parked()]);
    const { found } = await verified.verify({ repair: true });
    expect(found.map(({ repaired }) => repaired)).to.deep.equal([true]);
    expect(await verified.everything()).to.deep.equal(before);
  });

  it('a skipped event is not a difference, and later events count', async () => {
    await appendToAna('PersonaRegistered');
    await verified.level();
    const { store, readModel, views } = verified;
    const parking = createParkedSubjects({ views: [views.personas], readModel, store, clock: systemClock });
    const order = { reason: 'registered twice', ...by('admin') };
    expect((await parking.skip((await parking.list())[0]!.id, order))?.left).to.equal(null);
    expect((await verified.verify()).told).to.deep.equal([]);

    await verified.tamper(personas, ana.id, (document) => ({
      ...document,
      body: { ...ana, nombres: 'Eva' },
    }));
    expect((await verified.verify({ repair: true })).found.map(({ member }) => member)).to.deep.equal([
      'nombres',
    ]);
    expect((await verified.verify()).told).to.deep.equal([]);
  });

  it('an event that only a newer padron can read ends it with a clear request to upgrade', async () => {
    await appendToAna('PersonaTeleported');
    const upTo = await verified.store.head();
    const error = await verified.verify({ upTo }).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).to.be.instanceOf(UnknownEventError);
    expect((error as Error).message).to.contain('upgrade this instance');
  });

  it('a view that is blocked until an upgrade is not waited for', async () => {
    await appendToAna('PersonaTeleported');
    const error = await verified.level().then(
      () => null,
      (thrown: unknown) => thrown as Error,
    );
    expect(error?.message).to.match(
      /^the view \w+ does not reach the end of the log: .*upgrade this instance$/,
    );
  });
});
