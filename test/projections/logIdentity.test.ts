import { expect } from 'chai';
import type { EventMark, RecordedEvent } from '../../src/events/eventStore.ts';
import { belongsToLog, nextCheckpoint } from '../../src/projections/following/logIdentity.ts';

const MARK: EventMark = { position: 5n, id: 'e5' };
const OTHER: EventMark = { position: 5n, id: 'another' };

/** A log that ends at `end` and has the event of MARK if it reaches it. */
const logTo = (end: bigint): Parameters<typeof belongsToLog>[0] => ({
  holds: async ({ position, id }) => end >= position && id === MARK.id,
  reaches: async (position) => end >= position,
});

describe('A checkpoint', () => {
  it('belongs to any log while nothing is applied', async () => {
    expect(await belongsToLog(logTo(0n), null)).to.equal(true);
  });

  it('belongs to the log that has its event and reaches its position', async () => {
    expect(await belongsToLog(logTo(5n), { position: 5n, event: MARK })).to.equal(true);
    expect(await belongsToLog(logTo(7n), { position: 7n, event: MARK })).to.equal(true);
  });

  it('does not belong to a log that ends before its position, although it has its event', async () => {
    expect(await belongsToLog(logTo(6n), { position: 7n, event: MARK })).to.equal(false);
  });

  it('does not belong to a log with another event in its place', async () => {
    expect(await belongsToLog(logTo(9n), { position: 5n, event: OTHER })).to.equal(false);
    expect(await belongsToLog(logTo(9n), { position: 7n, event: OTHER })).to.equal(false);
  });

  it('without an event belongs to every log that reaches its position', async () => {
    expect(await belongsToLog(logTo(7n), { position: 7n, event: null })).to.equal(true);
    expect(await belongsToLog(logTo(6n), { position: 7n, event: null })).to.equal(false);
  });

  it('takes the event of the batch, or keeps its own after a batch without one', () => {
    const batch = { events: [] as RecordedEvent[], position: 9n, caughtUp: true };
    const before = { position: 5n, event: MARK };
    const mark = { position: 8n, id: 'e8' };
    expect(nextCheckpoint(before, { ...batch, mark })).to.deep.equal({ position: 9n, event: mark });
    expect(nextCheckpoint(before, { ...batch, mark: null })).to.deep.equal({ position: 9n, event: MARK });
    expect(nextCheckpoint(null, { ...batch, mark: null })).to.deep.equal({ position: 9n, event: null });
  });
});
