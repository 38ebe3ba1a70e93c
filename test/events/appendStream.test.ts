import { randomUUID } from 'node:crypto';
import { jsonEvent } from '@eventstore/db-client';
import { expect } from 'chai';
import type { AppendOrder } from '../../src/events/stores/eventstoredb/calls/appendMessages.ts';
import { failureOf as failureIn } from '../../src/events/stores/eventstoredb/calls/failures.ts';
import { overCalls, settled } from './appendCalls.ts';

const order = (kilobytes: number): AppendOrder => {
  const data = { text: 'x'.repeat(kilobytes * 1024) };
  return { stream: 'persona-1', expected: -1, data: [jsonEvent({ id: randomUUID(), type: 'A', data })] };
};
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
