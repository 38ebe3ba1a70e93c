import { expect } from 'chai';
import { eventIdOf, jobEvents } from '../../src/http/routes/jobEvents.ts';
import type { Job } from '../../src/projections/record/viewRecord.ts';
import { aJob } from '../support/jobs.ts';
import { manualClock, type ManualClock } from '../support/manualClock.ts';

const done = aJob({ state: 'done', processed: 9, share: 1, endedAt: '2026-03-01T08:00:05.000Z' });

describe('The Server-Sent Events of a job', () => {
  let clock: ManualClock;
  let leaving: AbortController;
  let looks: number;

  beforeEach(() => {
    clock = manualClock();
    leaving = new AbortController();
    looks = 0;
  });

  /** What is sent for a job that is found in these states, look by look. */
  const eventsOf = (first: Job, ...found: (Job | null | Error)[]): AsyncGenerator<string> =>
    jobEvents(first, {
      clock,
      signal: leaving.signal,
      async look() {
        const next = found[Math.min(looks, found.length - 1)];
        looks += 1;
        if (next instanceof Error) throw next;
        return next ?? null;
      },
    });

  async function all(events: AsyncGenerator<string>): Promise<string[]> {
    const texts: string[] = [];
    const reading = (async () => {
      for await (const text of events) texts.push(text);
    })();
    await clock.until(reading);
    return texts;
  }

  it('begin at once with an id, a name and the job as in GET /admin/jobs/:id', async () => {
    const [text] = await all(eventsOf(done));
    const lines = text!.split('\n');
    expect(lines).to.have.lengthOf(7);
    expect(lines.slice(0, 4)).to.deep.equal(['retry: 1000', '', `id: ${eventIdOf(done)}`, 'event: job']);
    expect(lines.slice(5)).to.deep.equal(['', '']);
    const { generation: _generation, ...shown } = done;
    expect(JSON.parse(lines[4]!.replace(/^data: /, ''))).to.deep.equal(shown);
  });

  it('follow each change, and end after the final state', async () => {
    const further = aJob({ processed: 5, share: 0.5 });
    const texts = await all(eventsOf(aJob(), aJob(), further, further, done));
    expect(texts).to.have.lengthOf(3);
    expect(texts[1]).to.contain('"processed":5');
    expect(texts[2]).to.contain('"state":"done"');
    expect(looks).to.equal(4);
  });

  it('have an id derived from their content, which any instance recognises', () => {
    expect(eventIdOf(aJob())).to.equal(eventIdOf(aJob()));
    expect(eventIdOf(aJob())).to.not.equal(eventIdOf(done));
  });

  it('include a comment every 15 s while nothing changes', async () => {
    const unchanged = Array.from({ length: 75 }, () => aJob());
    const texts = await all(eventsOf(aJob(), ...unchanged, done));
    expect(texts.slice(1, -1)).to.deep.equal([':\n\n', ':\n\n']);
  });

  it('continue while the record cannot be read', async () => {
    const texts = await all(eventsOf(aJob(), new Error('out of reach'), new Error('out of reach'), done));
    expect(texts).to.have.lengthOf(2);
  });

  it('end when the job has been pruned', async () => {
    expect(await all(eventsOf(aJob(), null))).to.have.lengthOf(1);
  });

  it('stop polling when no client is connected', async () => {
    const events = eventsOf(aJob(), aJob());
    await events.next();
    const waiting = events.next();
    await clock.sleeping(1);
    leaving.abort();
    expect(await waiting).to.deep.include({ done: true });
    expect(looks).to.equal(0);
  });
});
