import { expect } from 'chai';
import { openMongoReadModel } from '../../src/projections/stores/mongodb/readModel.ts';
import { describeOnMongo, testDatabase } from '../support/mongodb.ts';
import { ADMIN, aPersona, AUDITOR, seeing, startTestService } from './support/service.ts';

describeOnMongo('The history on MongoDB', () => {
  it('is filtered, paged and exported over HTTP as on SQLite', async () => {
    const database = testDatabase();
    const service = await startTestService({ readModelIn: () => openMongoReadModel({ url: database.url }) });
    try {
      await service.request('POST', '/api/personas', { body: aPersona });
      const ana = { sub: 'ana', role: 'asistente' };
      let last = await service.request('PUT', '/api/personas/me', { as: ana, body: { telefono: '1' } });
      last = await service.request('PUT', '/api/personas/me', { as: ana, body: { nombres: 'Eva' } });
      last = await service.request('POST', '/api/personas/1/revert', {
        body: { revision: 1, reason: 'why' },
      });

      const audit = async (query: string, headers = {}): Promise<string[]> => {
        const { body } = await service.request('GET', `/audit?${query}`, { as: AUDITOR, headers });
        return body.entries.map(({ subject, revision }) => `${subject}@${revision}`);
      };
      const whole = ['persona-1@3', 'persona-1@2', 'persona-1@1', 'persona-1@0'];
      expect(await audit('', seeing(last))).to.deep.equal(whole);
      expect(await audit('field=nombres&actor=ana')).to.deep.equal(['persona-1@2']);
      expect(await audit('q=eva&type=PersonaProfileUpdated&order=asc')).to.deep.equal([
        'persona-1@2',
        'persona-1@3',
      ]);

      const walked: number[] = [];
      for (let cursor = ''; ;) {
        const { body } = await service.request('GET', `/api/personas/1/history?limit=3${cursor}`, {
          as: ADMIN,
        });
        walked.push(...body.entries.map(({ revision }) => revision));
        if (body.next === null) break;
        cursor = `&cursor=${body.next}`;
      }
      expect(walked).to.deep.equal([3, 2, 1, 0]);
      const { text } = await service.request('GET', '/audit', {
        headers: { accept: 'application/x-ndjson' },
      });
      expect(text.trimEnd().split('\n')).to.have.lengthOf(4);
    } finally {
      await service.close();
      await database.drop();
    }
  });
});
