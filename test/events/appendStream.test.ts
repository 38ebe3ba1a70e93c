import { EventEmitter } from 'node:events';
import { randomUUID } from 'node:crypto';
import { jsonEvent, type EventStoreDBClient } from '@eventstore/db-client';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { expect } from 'chai';
import type { StreamAppend } from '../../src/events/eventStore.ts';
import { appendSeries } from '../../src/events/stores/eventstoredb/appending/appendSeries.ts';
import { createAppendStream } from '../../src/events/stores/eventstoredb/calls/appendStream.ts';
import type { AppendOrder } from '../../src/events/stores/eventstoredb/calls/appendMessages.ts';
import { failureOf as failureIn } from '../../src/events/stores/eventstoredb/calls/failures.ts';
import { knownRevisions } from '../../src/events/stores/eventstoredb/reading/knownRevisions.ts';
import { eventually } from '../support/eventually.ts';
import { event } from './contract/steps.ts';

/** A call that records what it is sent, and answers on demand. */
class Call extends EventEmitter {
  readonly sent: streams.BatchAppendReq[] = [];
  readonly #isPrompt: boolean;
  /** `isPrompt`: it answers everything soon. */
  constructor(isPrompt: boolean) {
    super();
    this.#isPrompt = isPrompt;
  }
  write(message: streams.BatchAppendReq): boolean {
    const index = this.sent.push(message) - 1;
    if (this.#isPrompt)
      setImmediate(() => {
        this.answer(index);
      });
    return true;
  }
  answer(index: number): void {
    const success = new streams.BatchAppendResp.Success().setCurrentRevision('0');
    const id = this.sent[index]?.getCorrelationId();
    this.emit('data', new streams.BatchAppendResp().setCorrelationId(id).setSuccess(success));
  }
  cancel(): void {
    this.emit('error', Object.assign(new Error('cancelled'), { code: 1 }));
  }
}

function overCalls({ isPrompt = false, connected = Promise.resolve() } = {}) {
  const calls: Call[] = [];
  const connect = (): object => ({ batchAppend: () => calls[calls.push(new Call(isPrompt)) - 1] });
  let connection = connect();
  const client = {
    getGRPCClient: async () => {
      await connected;
      return connection;
    },
    callArguments: () => [],
    handleError: async () => undefined,
  } as unknown as EventStoreDBClient;
  const reconnect = (): void => {
    connection = connect();
  };
  return { calls, client, reconnect, appends: createAppendStream(client) };
}

const order = (kilobytes: number): AppendOrder => {
  const data = { text: 'x'.repeat(kilobytes * 1024) };
  return { stream: 'persona-1', expected: -1, data: [jsonEvent({ id: randomUUID(), type: 'A', data })] };
};
/** Until every promise that can settle has settled. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const failed = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: unknown) => error,
  );

describe('The shared call for appends', () => {
  it('sends at most 1 MiB before an answer; the rest follows in order as answers arrive', async () => {
    const { calls, appends } = overCalls();
    const done = [400, 400, 400, 100].map((size) => appends.append(order(size), 60_000));
    await settled();
    expect(calls[0]!.sent).to.have.length(2);
    calls[0]!.answer(0);
    await settled();
    expect(calls[0]!.sent).to.have.length(4);
    for (const index of [1, 2, 3]) calls[0]!.answer(index);
    expect(await Promise.all(done)).to.have.length(4);
  });

  it('refuses an append of more than 1 MiB and sends none of it', async () => {
    const { calls, appends } = overCalls();
    expect(await appends.append(order(1025), 60_000)).to.equal(null);
    expect(calls).to.deep.equal([]);
  });

  it('reports, when it breaks, an unknown outcome for what was sent and "not stored" for what was queued', async () => {
    const { calls, appends } = overCalls();
    const failures = Promise.all([800, 800].map((size) => failed(appends.append(order(size), 60_000))));
    await settled();
    calls[0]!.emit('error', Object.assign(new Error('Connection dropped'), { code: 14 }));
    expect((await failures).map(failureIn)).to.deep.equal(['unknown', 'not sent']);
    const next = appends.append(order(1), 60_000);
    await settled();
    calls[1]!.answer(0);
    expect(await next).to.deep.equal({ revision: 0, position: null });
  });

  it('does not send an append later whose time was up before there was a connection', async () => {
    let connect: () => void = () => undefined;
    const connected = new Promise<void>((resolve) => (connect = resolve));
    const { calls, appends } = overCalls({ connected });
    const failure = await failed(appends.append(order(1), 5));
    expect([(failure as Error).name, failureIn(failure)]).to.deep.equal(['SilenceError', 'not sent']);
    connect();
    const next = appends.append(order(2), 60_000);
    await settled();
    expect(calls[0]!.sent).to.have.length(1);
    calls[0]!.answer(0);
    expect(await next).to.deep.equal({ revision: 0, position: null });
  });

  it('gives each append its own answer, in whatever order they come', async () => {
    const { calls, appends } = overCalls();
    const ended: number[] = [];
    const all = [0, 1, 2].map((n) => appends.append(order(1), 60_000).then(() => ended.push(n)));
    await settled();
    for (const index of [2, 0, 1]) {
      calls[0]!.answer(index);
      await settled();
    }
    await Promise.all(all);
    expect(ended).to.deep.equal([2, 0, 1]);
  });

  it('abandons each append at its own deadline, and then has room for the others', async () => {
    const { calls, appends } = overCalls();
    const silent = failed(appends.append(order(800), 300));
    const waiting = failed(appends.append(order(800), 5));
    const behind = appends.append(order(800), 60_000);
    expect([await silent, await waiting].map(failureIn)).to.deep.equal(['unknown', 'not sent']);
    await settled();
    expect(calls[0]!.sent).to.have.length(2);
    // A late answer belongs to nobody.
    calls[0]!.answer(0);
    calls[0]!.answer(1);
    expect(await behind).to.deep.equal({ revision: 0, position: null });
  });

  it('is not affected when the call of another connection breaks', async () => {
    const [own, other] = [overCalls(), overCalls()];
    const appending = own.appends.append(order(1), 60_000);
    const broken = failed(other.appends.append(order(1), 60_000));
    await settled();
    other.calls[0]!.emit('error', Object.assign(new Error('Connection dropped'), { code: 14 }));
    expect(failureIn(await broken)).to.equal('unknown');
    own.calls[0]!.answer(0);
    expect(await appending).to.deep.equal({ revision: 0, position: null });
  });

  it('is tried again on a new connection after a server that does not have it', async () => {
    const { calls, reconnect, appends } = overCalls();
    const refused = appends.append(order(1), 60_000);
    await settled();
    calls[0]!.emit('error', Object.assign(new Error('unimplemented'), { code: 12 }));
    expect(await refused).to.equal(null);
    expect(await appends.append(order(1), 60_000)).to.equal(null);
    expect(calls).to.have.length(1);
    reconnect();
    const next = appends.append(order(1), 60_000);
    await settled();
    calls[1]!.answer(0);
    expect(await next).to.deep.equal({ revision: 0, position: null });
  });

  it('sends nothing more of a series after one of its appends has failed, and other appends as before', async () => {
    const { calls, appends } = overCalls();
    const series = (await appends.openSeries())!;
    const silent = failed(series.append(order(600), 200)!);
    const behind = failed(series.append(order(600), 60_000)!);
    const other = appends.append(order(600), 60_000);
    await settled();
    expect(calls[0]!.sent).to.have.length(1);
    expect([await silent, await behind].map(failureIn)).to.deep.equal(['unknown', 'not sent']);
    expect(failureIn(await failed(series.append(order(1), 60_000)!))).to.equal('not sent');
    expect(calls[0]!.sent, 'the one that is no part of it').to.have.length(2);
    calls[0]!.answer(1);
    expect(await other).to.deep.equal({ revision: 0, position: null });
  });

  it('does not continue a series on another connection', async () => {
    const { calls, reconnect, appends } = overCalls();
    const series = (await appends.openSeries())!;
    const lost = failed(series.append(order(1), 60_000)!);
    calls[0]!.emit('error', Object.assign(new Error('Connection dropped'), { code: 14 }));
    expect(failureIn(await lost)).to.equal('unknown');
    reconnect();
    expect(failureIn(await failed(series.append(order(1), 60_000)!))).to.equal('not sent');
    expect(calls).to.have.length(1);
  });

  it('refuses an append of more than 1 MiB in a series, which then goes on', async () => {
    const { calls, appends } = overCalls();
    const series = (await appends.openSeries())!;
    expect(series.append(order(1025), 60_000)).to.equal(null);
    const next = series.append(order(1), 60_000);
    calls[0]!.answer(0);
    expect(await next).to.deep.equal({ revision: 0, position: null });
  });

  it('rejects waiting and new appends once it is closed', async () => {
    const { appends } = overCalls();
    const waiting = failed(appends.append(order(1), 60_000));
    await settled();
    appends.close();
    expect(failureIn(await waiting)).to.equal('unknown');
    expect(failureIn(await failed(appends.append(order(1), 60_000)))).to.equal('not sent');
  });
});

describe('A series of appends', () => {
  it('goes on after the connection broke while no append was under way', async () => {
    const { calls, client, reconnect, appends } = overCalls({ isPrompt: true });
    const logger = { info: () => undefined, warn: () => undefined };
    const connection = { client, appends, deadlineMs: 1_000, logger };
    const stored: string[] = [];
    async function* series(): AsyncGenerator<StreamAppend[]> {
      for (const stream of ['persona-1', 'persona-2', 'persona-3', 'persona-4']) {
        yield [{ stream, expected: -1, events: [event('A')] }];
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
});
