import { expect } from 'chai';
import { newFolder, removeFolder } from '../support/folder.ts';
import { loseKeys } from '../support/lostKeys.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

const usesKeysFile = !(process.env['TEST_STORES'] ?? '').endsWith('mongodb');
const isSealed = process.env['TEST_SEALING'] !== 'off';
const admin = tokenOf('admin');
const PERSON = { nombres: 'Eva', apellidos: 'Sanz', dni: '11111111H', cuenta: 'eva' };

/** Keys are lost where an older key store is restored, say. */
(usesKeysFile && isSealed ? describe : describe.skip)(
  'A person whose key is missing from the key store',
  () => {
    let dataDir: string;
    let service: TestService;

    before(async () => {
      dataDir = newFolder();
      const first = await startTestService({ dataDir });
      const registered = await first.send('POST', '/api/personas', {
        token: admin,
        body: PERSON,
        headers: { 'idempotency-key': 'register-eva' },
      });
      expect(registered.status).to.equal(201);
      await first.stop();
      await loseKeys(dataDir, ['persona-1']);
      service = await startTestService({ dataDir });
    });
    after(async () => {
      await service.stop();
      removeFolder(dataDir);
    });

    it('is 503 where the stream is read: as of a revision, to be changed, compared or exported', async () => {
      const asOf = await service.send('GET', '/api/personas/1?revision=0', { token: admin });
      const change = { token: tokenOf('asistente', 'eva'), body: { telefono: '600' } };
      const changed = await service.send('PUT', '/api/personas/me', change);
      const diff = await service.send('GET', '/api/personas/1/diff?from=0&to=0', { token: admin });
      const exported = await service.send('GET', '/api/personas/1/export', { token: admin });
      expect([asOf, changed, diff, exported].map(({ status }) => status)).to.deep.equal([503, 503, 503, 503]);
    });

    it('is 503 to be set back, and for a repeat of the request that registered the person', async () => {
      const body = { revision: 0, reason: 'a test' };
      const reverted = await service.send('POST', '/api/personas/1/revert', { token: admin, body });
      const again = { token: admin, body: PERSON, headers: { 'idempotency-key': 'register-eva' } };
      const repeated = await service.send('POST', '/api/personas', again);
      expect([reverted.status, repeated.status]).to.deep.equal([503, 503]);
    });

    it('keeps the DNI and the account: another person with one of them is 503, not 201', async () => {
      for (const body of [
        { ...PERSON, cuenta: 'another' },
        { ...PERSON, dni: '22222222J' },
      ]) {
        const { status } = await service.send('POST', '/api/personas', { token: admin, body });
        expect(status).to.equal(503);
      }
    });

    it('does not keep the instance from being ready, and pauses a view at most', async () => {
      const ready = await service.send('GET', '/health/ready', {});
      expect(ready.status).to.equal(200);
      const { body } = await service.send('GET', '/admin/projections', { token: admin });
      const { projections } = body as { projections: { state: string }[] };
      for (const { state } of projections) expect(['live', 'paused', 'catching-up']).to.include(state);
    });

    it('does not affect others: they can be registered and read', async () => {
      const body = { ...PERSON, dni: '33333333P', cuenta: 'other' };
      const { status } = await service.send('POST', '/api/personas', { token: admin, body });
      expect(status).to.equal(201);
    });
  },
);
