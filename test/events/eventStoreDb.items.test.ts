import { Readable } from 'node:stream';
import { expect } from 'chai';
import { itemsOf, type ClientStream } from '../../src/events/stores/eventstoredb/calls/items.ts';
import { failureOf } from './contract/steps.ts';

const SILENCE_MS = 250;

describe('The items of a read from EventStoreDB', () => {
  let timers: NodeJS.Timeout[] = [];
  afterEach(() => {
    for (const timer of timers) clearInterval(timer);
    timers = [];
  });

  function streamOf(everyMs: number): ClientStream {
    const stream = new Readable({ objectMode: true, read: () => undefined });
    timers.push(setInterval(() => stream.push({}), everyMs));
    return Object.assign(stream, { cancel: async () => undefined });
  }

  it('continue as long as no single item takes too long, however long all of them take', async () => {
    let received = 0;
    const start = performance.now();
    for await (const item of itemsOf(streamOf(5), { silenceMs: SILENCE_MS })) {
      expect(item).to.be.an('object');
      received += 1;
      if (performance.now() - start > 3 * SILENCE_MS) break;
    }
    expect(received).to.be.at.least(3);
  });

  it('end with an error if the next item takes too long', async () => {
    const reading = async (): Promise<void> => {
      for await (const item of itemsOf(streamOf(100_000), { silenceMs: SILENCE_MS })) expect(item).to.exist;
    };
    expect(await failureOf(reading())).to.have.property('name', 'SilenceError');
  });

  it('do not count the consumer’s time as silence', async () => {
    let received = 0;
    for await (const item of itemsOf(streamOf(5), { silenceMs: SILENCE_MS })) {
      expect(item).to.exist;
      received += 1;
      if (received === 3) break;
      const end = performance.now() + 1.5 * SILENCE_MS;
      while (performance.now() < end) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(received).to.equal(3);
  });

  it('may be absent for any time once a subscription is confirmed', async () => {
    const stream = streamOf(3 * SILENCE_MS);
    setImmediate(() => stream.emit('confirmation'));
    for await (const item of itemsOf(stream, { silenceMs: SILENCE_MS, untilConfirmed: true })) {
      expect(item).to.exist;
      break;
    }
  });
});
