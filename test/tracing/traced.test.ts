import { expect } from 'chai';
import { traced } from '../../src/tracing/traced.ts';
import { underWay } from '../../src/tracing/underWay.ts';
import { recordSpans } from '../support/tracing.ts';

describe('Traced work', () => {
  beforeEach(() => {
    underWay.takeSeen();
    underWay.takeSeen();
  });

  it('makes no span and collects no attributes in a process without a tracing SDK', async () => {
    const attributes = (): never => {
      throw new Error('attributes were collected');
    };
    expect(await traced({ name: 'a test', attributes }, async () => 'done')).to.equal('done');
  });

  it('counts as under way until it ends, even by a failure', async () => {
    let fail: (error: Error) => void = () => undefined;
    const work = new Promise((_, reject) => {
      fail = reject;
    });
    const failing = traced({ name: 'a failing test' }, () => work);
    underWay.takeSeen();
    expect(underWay.takeSeen()).to.include('a failing test');
    fail(new Error('as planned'));
    expect(await failing.catch((error: unknown) => (error as Error).message)).to.equal('as planned');
    underWay.takeSeen();
    expect(underWay.takeSeen()).to.not.include('a failing test');
  });

  it('marks the span of a failure with the name of the error only', async () => {
    const spans = recordSpans();
    await traced({ name: 'a test' }, () => Promise.reject(new TypeError('María'))).catch(() => undefined);
    const [span] = spans.ended();
    await spans.stop();
    expect(span?.attributes).to.deep.equal({ 'error.type': 'TypeError' });
    expect(span?.status.message).to.equal(undefined);
    expect(span?.events).to.deep.equal([]);
  });
});
