import { tokenWith } from '../support/tokens.ts';
import { expect } from 'chai';
import { signToken } from '../../src/cli/output/signedTokens.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { openSqliteReadModel } from '../../src/projections/stores/sqlite/sqliteReadModel.ts';
import type { ReadModel } from '../../src/projections/ports/readModel.ts';
import type { RowReader } from '../../src/projections/ports/rows.ts';
import { ReadModelError } from '../../src/projections/record/readModelError.ts';
import { SOCIA } from '../support/people.ts';
import { ADMIN, startTestService } from './support/service.ts';

const PASSWORD = 'correct horse';

/** A read model whose history finds what `find` does. */
const withHistory =
  (find: RowReader['find']) =>
  async (folder: string): Promise<ReadModel> => {
    const readModel = openSqliteReadModel({ folder });
    return {
      ...readModel,
      shownRows: (view) => ({
        ...readModel.shownRows(view),
        checkpoint: async () => ({ position: 1n, event: null }),
        find,
      }),
    };
  };

describe('An export that is not read to its end', () => {
  it('stops reading the history when the client disconnects, and not before', async () => {
    let finds = 0;
    const json = JSON.stringify({ padding: 'x'.repeat(5_000), changes: [] });
    const service = await startTestService({
      clock: systemClock,
      // A history without end.
      readModelIn: withHistory(async ({ limit }) => {
        finds += 1;
        const row = { position: 1n, at: 1, json };
        return { rows: Array.from({ length: limit }, () => row), next: row };
      }),
    });
    try {
      const token = signToken({ ...ADMIN, secret: 'a secret for tests only, of some length', ttl: '1h' });
      const aborting = new AbortController();
      const response = await fetch(`${service.url}/audit`, {
        headers: { authorization: `Bearer ${token}`, accept: 'application/x-ndjson' },
        signal: aborting.signal,
      });
      const reader = response.body!.getReader();
      await reader.read();
      // Nobody reads on: the buffers fill, and then the history is not read any further.
      const stalled = await settled(() => finds);
      expect(stalled).to.be.below(2_000);
      await reader.read();
      aborting.abort();
      const ended = await settled(() => finds);
      expect(await settled(() => finds)).to.equal(ended);
    } finally {
      await service.close();
    }
  });

  it('is cut off and logged when the read model fails, so that a part is not mistaken for the whole', async () => {
    let finds = 0;
    const service = await startTestService({
      readModelIn: withHistory(async () => {
        finds += 1;
        if (finds > 2) throw new ReadModelError('gone');
        const row = { position: 1n, at: 1, json: '{}' };
        return { rows: [row], next: row };
      }),
    });
    try {
      const failed = await service
        .request('GET', '/audit', { headers: { accept: 'application/x-ndjson' } })
        .then(
          () => null,
          (error: unknown) => error,
        );
      expect(failed).to.be.an.instanceOf(Error);
      expect(service.logs.find(({ msg }) => msg === 'export aborted')).to.include({
        route: '/audit',
        reason: 'ReadModelError',
      });
      // Before the first piece it is an answer like any other.
      const early = await service.request('GET', '/audit', { headers: { accept: 'text/csv' } });
      expect(early.status).to.equal(503);
    } finally {
      await service.close();
    }
  });

  it('is cut off once the caller has lost the role that the export began with', async () => {
    let finds = 0;
    let demote = async (): Promise<unknown> => null;
    const service = await startTestService({
      // A history without end.
      readModelIn: withHistory(async () => {
        finds += 1;
        if (finds === 3) await demote();
        const row = { position: 1n, at: 1, json: '{}' };
        return { rows: [row], next: row };
      }),
    });
    try {
      const auditor = { ...SOCIA, categoria: 'auditor' };
      const { body } = await service.request('POST', '/users', { body: { ...auditor, password: PASSWORD } });
      demote = () => service.request('POST', '/users/edit', { body: { ...SOCIA, categoria: 'socio' } });
      const claims = { sub: (body as unknown as { IdUsuario: number }).IdUsuario, email: SOCIA.email };
      const answer = await fetch(`${service.url}/audit`, {
        headers: {
          authorization: `Bearer ${tokenWith(claims, { secret: service.secret, expiresIn: '1h' })}`,
          accept: 'application/x-ndjson',
        },
      });
      expect(answer.status).to.equal(200);
      const failed: unknown = await answer.text().then(
        () => null,
        (error: unknown) => error,
      );
      expect(failed).to.be.an.instanceOf(Error);
      expect(service.logs.find(({ msg }) => msg === 'export aborted')).to.include({ route: '/audit' });
    } finally {
      await service.close();
    }
  });
});

/** The number once it has stood still for some turns of the event loop. */
async function settled(read: () => number): Promise<number> {
  for (let [seen, still] = [read(), 0]; ;) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    const now = read();
    still = now === seen ? still + 1 : 0;
    seen = now;
    if (still >= 10) return seen;
  }
}
