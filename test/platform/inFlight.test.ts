import { expect } from 'chai';
import { InFlight } from '../../src/platform/concurrency/inFlight.ts';

const call = (name: string) => ({ name });
const names = (calls: readonly { name: string }[]) => calls.map(({ name }) => name).join();

describe('Calls in flight', () => {
  it('are listed oldest first, without those that were removed, wherever they stood', () => {
    const calls = new InFlight<{ name: string }>();
    const [first, , third, , last] = ['a', 'b', 'c', 'd', 'e'].map((name) => calls.add(call(name)));
    for (const one of [first, third, last]) expect(one && calls.remove(one)).to.equal(true);
    expect(names(calls.items())).to.equal('b,d');
    calls.add(call('f'));
    expect(names(calls.items())).to.equal('b,d,f');
  });

  it('are removed once: a second removal says so and touches no other call', () => {
    const calls = new InFlight<{ name: string }>();
    const only = calls.add(call('a'));
    expect([calls.remove(only), calls.remove(only)]).to.deep.equal([true, false]);
    calls.add(call('b'));
    expect(calls.remove(only)).to.equal(false);
    expect(names(calls.items())).to.equal('b');
  });

  it('are found by what they are, the oldest of several', () => {
    const calls = new InFlight<{ name: string }>();
    const first = calls.add(call('a'));
    calls.add(call('a'));
    expect(calls.find(({ name }) => name === 'a')).to.equal(first);
    expect(calls.find(({ name }) => name === 'b')).to.equal(null);
  });

  it('can be taken all at once, and then count as removed', () => {
    const calls = new InFlight<{ name: string }>();
    const flights = ['a', 'b', 'c'].map((name) => calls.add(call(name)));
    expect(names(calls.takeAll())).to.equal('a,b,c');
    expect(calls.items()).to.deep.equal([]);
    expect(flights.map((one) => calls.remove(one))).to.deep.equal([false, false, false]);
  });

  it('hold nothing on behalf of a call that has ended', () => {
    const calls = new InFlight<{ name: string }>();
    const [first, second] = [calls.add(call('a')), calls.add(call('b'))];
    calls.remove(first);
    expect([first.before, first.after, second.before]).to.deep.equal([null, null, null]);
  });
});
