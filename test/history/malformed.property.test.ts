import { expect } from 'chai';
import fc from 'fast-check';
import { decodeData, decodeMetadata } from '../../src/events/codec.ts';
import { toCsv } from '../../src/history/export.ts';
import { acceptsJson } from '../../src/history/filters.ts';
import { history, type HistoryEntry } from '../../src/projections/views/history.ts';
import { recorded } from './support/people.ts';

const TYPES = ['PersonaRegistered', 'PersonaProfileUpdated', 'UserRegistered', 'UserEdited', 'UserRemoved'];
const { metadata: written } = recorded({ type: 'UserRemoved', data: {} });

const data = fc.oneof(
  fc.string(),
  fc.json(),
  fc.constantFrom('{"changes":null}', '{}', '{"changes":{"cuota":null}}', '[]', 'null'),
);
const metadata = fc.oneof(
  fc.string(),
  fc.constant(JSON.stringify(written)),
  fc
    .record(
      { actor: fc.jsonValue(), schemaVersion: fc.constantFrom(1, 'one'), occurredAt: fc.jsonValue() },
      { requiredKeys: [] },
    )
    .map((part) => JSON.stringify({ ...written, ...part })),
);

describe('The history view of malformed events', () => {
  it('has a row for each event that every reader can read, and marks rows of unreadable events', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...TYPES), data, metadata, async (type, dataText, metadataText) => {
        const event = {
          ...recorded({ type, data: decodeData(dataText) }),
          metadata: decodeMetadata(metadataText),
        };
        const row = history.rowOf(event);
        const entry = JSON.parse(row?.json ?? '') as HistoryEntry;
        expect(entry).to.include({ position: '7', subject: 'user-15', type });
        expect(Number.isSafeInteger(row?.at)).to.equal(true);
        expect(row?.keys).to.include('subject:user-15');
        if (entry.unreadable) {
          expect(entry).to.include({ summary: 'This event cannot be read.' });
          expect(entry.changes).to.deep.equal([]);
        }
        acceptsJson('word')?.(row?.json ?? '');
        async function* pages(): AsyncGenerator<string[]> {
          yield [row?.json ?? ''];
        }
        let csv = '';
        for await (const piece of toCsv(pages())) csv += piece;
        expect(csv).to.contain('user-15');
      }),
    );
  });

  it('shows an event with malformed data as unreadable, with all its other facts', () => {
    const event = recorded({ type: 'UserEdited', data: { changes: null } }, { metadata: { reason: 'why' } });
    expect(JSON.parse(history.rowOf(event)?.json ?? '')).to.deep.equal({
      position: '7',
      subject: 'user-15',
      revision: 0,
      type: 'UserEdited',
      at: '2024-03-01T08:00:00.000Z',
      actor: { account: 'ada', role: 'admin' },
      correlation: 'c-1',
      request: 'r-1',
      summary: 'This event cannot be read.',
      reason: 'why',
      changes: [],
      unreadable: true,
    });
  });
});
