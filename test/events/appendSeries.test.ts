import { expect } from 'chai';
import type { StreamAppend } from '../../src/events/eventStore.ts';
import { appendSeries } from '../../src/events/stores/eventstoredb/appending/appendSeries.ts';
import { knownRevisions } from '../../src/events/stores/eventstoredb/reading/knownRevisions.ts';
import { eventually } from '../support/eventually.ts';
import { overCalls, settled } from './appendCalls.ts';
import { event, failureOf } from './contract/steps.ts';

/** A series over calls that answer on demand; each of these streams gets one event. */
function overStreams(count: number) {
  const { calls, client, appends } = overCalls();
  const connection = { client, appends, deadlineMs: 60_000, logger };
  const stored: string[] = [];
  async function* series(): AsyncGenerator<StreamAppend[]> {
    for (let n = 1; n <= count; n += 1) yield [appendTo(`persona-${n}`)];
  }
  const onStored = ([one]: readonly StreamAppend[]): void => void stored.push(one!.stream);
  const result = appendSeries(connection, series(), { onStored, known: knownRevisions() });
  return { call: () => calls[0]!, stored, result };
}

const logger = { info: () => undefined, warn: () => undefined };
const appendTo = (stream: string): StreamAppend => ({ stream, expected: -1, events: [event('A')] });

describe('A series of appends', () => {
  it('goes on after the connection broke while no append was under way', async () => {
    const { calls, client, reconnect, appends } = overCalls({ isPrompt: true });
    const connection = { client, appends, deadlineMs: 1_000, logger };
    const stored: string[] = [];
    async function* series(): AsyncGenerator<StreamAppend[]> {
      for (const stream of ['persona-1', 'persona-2', 'persona-3', 'persona-4']) {
        yield [appendTo(stream)];
        await eventually('it is stored', () => stored.includes(stream));
        if (stream !== 'persona-2') continue;
        reconnect();
        calls[0]!.emit('error', Object.assign(new Error('Connection dropped'), { code: 14 }));
      }
    }
    const onStored = (parts: readonly StreamAppend[]): void => {
      for (const { stream } of parts) stored.push(stream);
    };
    const result = await appendSeries(connection, series(), { onStored, known: knownRevisions() });
    expect(result.outcome).to.equal('appended');
    expect(calls.map(({ sent }) => sent.length)).to.deep.equal([2, 2]);
  });

  it('has at most 64 appends without an answer, and reports them in order as the answers come', async () => {
    const { call, stored, result } = overStreams(68);
    await settled();
    expect(call().sent, 'the first alone').to.have.length(1);
    for (let answered = 0; answered < 4; answered += 1) {
      call().answer(answered);
      await settled();
      expect(call().sent).to.have.length(65 + answered);
    }
    for (let index = 4; index < 68; index += 1) call().answer(index);
    expect((await result).outcome).to.equal('appended');
    expect(stored).to.deep.equal(Array.from({ length: 68 }, (_, i) => `persona-${i + 1}`));
  });

  it('sends nothing more once an append has failed, although older ones still wait for an answer', async () => {
    const { call, stored, result } = overStreams(100);
    const failure = failureOf(result);
    await settled();
    call().answer(0);
    await settled();
    call().refuse(3);
    for (let index = 1; index < 65; index += 1) {
      call().answer(index);
      await settled();
    }
    expect(await failure).to.have.property('name', 'EventStoreError');
    expect(call().sent).to.have.length(65);
    expect(stored).to.deep.equal(
      [1, 2, 3, ...Array.from({ length: 61 }, (_, i) => i + 5)].map((n) => `persona-${n}`),
    );
  });
});
