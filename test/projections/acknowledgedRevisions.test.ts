import { expect } from 'chai';
import fc from 'fast-check';
import { acknowledgedRevisions } from '../../src/projections/reading/acknowledgedRevisions.ts';

describe('The revisions that an instance has acknowledged', () => {
  it('include the highest revision of a subject until the view has reached its position', () => {
    const shown = acknowledgedRevisions();
    shown.remember('user-1', 4, 40n);
    shown.remember('user-1', 3, 30n);
    shown.forgetUpTo(30n);
    expect(shown.atLeast('user-1')).to.equal(4);
    shown.forgetUpTo(39n);
    expect(shown.atLeast('user-1')).to.equal(4);
    shown.forgetUpTo(40n);
    expect(shown.atLeast('user-1')).to.equal(-1);
  });

  it('include a unique value until the view has reached the last answer about it', () => {
    const shown = acknowledgedRevisions();
    shown.remember('user-1', 0, 10n, ['dni 1X', 'cuenta ana']);
    shown.rememberValue('dni 1X', 25n);
    shown.remember('user-2', 0, 20n, ['dni 1X']);
    expect([shown.until('dni 1X'), shown.until('cuenta ana')]).to.deep.equal([25n, 10n]);
    shown.forgetUpTo(20n);
    expect([shown.until('dni 1X'), shown.until('cuenta ana')]).to.deep.equal([25n, null]);
    shown.forgetUpTo(25n);
    expect(shown.until('dni 1X')).to.equal(null);
  });

  it('include everything up to the head of the log as of the start', () => {
    const shown = acknowledgedRevisions({ until: 50n });
    expect([shown.atLeast('user-1'), shown.until('dni 1X')]).to.deep.equal([Infinity, 50n]);
    expect(shown.some(() => false)).to.equal(true);
    shown.remember('user-1', 2, 60n);
    shown.forgetUpTo(50n);
    expect(shown.atLeast('user-2')).to.equal(Infinity);
    shown.forgetUpTo(60n);
    expect([shown.atLeast('user-1'), shown.until('dni 1X')]).to.deep.equal([-1, null]);
    expect(shown.some(() => true)).to.equal(false);
  });

  it('count every subject as ahead of the view once more were acknowledged than fit, until the view has caught up', () => {
    const shown = acknowledgedRevisions({ max: 10 });
    for (let n = 1; n <= 11; n += 1) shown.remember(`user-${n}`, 0, BigInt(n));
    expect(shown.atLeast('user-99')).to.equal(Infinity);
    shown.forgetUpTo(10n);
    expect(shown.atLeast('user-99')).to.equal(Infinity);
    shown.forgetUpTo(11n);
    expect(shown.atLeast('user-11')).to.equal(-1);
  });

  it('do not grow with a subject that is written repeatedly', () => {
    const shown = acknowledgedRevisions({ max: 10 });
    shown.remember('user-3', 0, 1n);
    for (let n = 1; n <= 1_000; n += 1) shown.remember('user-1', n, BigInt(n));
    expect(shown.atLeast('user-2')).to.equal(-1);
    shown.forgetUpTo(1n);
    expect(shown.atLeast('user-3')).to.equal(-1);
    expect(shown.atLeast('user-1')).to.equal(1_000);
    shown.forgetUpTo(999n);
    expect(shown.atLeast('user-1')).to.equal(1_000);
    shown.forgetUpTo(1_000n);
    expect(shown.atLeast('user-1')).to.equal(-1);
  });

  it('report when something was forgotten, and only then', () => {
    const shown = acknowledgedRevisions();
    shown.remember('user-1', 0, 10n);
    const before = shown.forgotten();
    shown.forgetUpTo(9n);
    expect(shown.forgotten()).to.equal(before);
    shown.forgetUpTo(10n);
    expect(shown.forgotten()).to.be.greaterThan(before);
    const since = acknowledgedRevisions({ until: 50n });
    since.forgetUpTo(50n);
    expect(since.forgotten()).to.be.greaterThan(0);
  });

  it('say whether one of the subjects ahead of the view is wanted, by its stream and revision', () => {
    const shown = acknowledgedRevisions();
    shown.remember('user-1', 0, 10n, ['dni 1X']);
    const seen: [string, number][] = [];
    expect(shown.some((stream, revision) => seen.push([stream, revision]) > 9)).to.equal(false);
    expect(seen, 'no value').to.deep.equal([['user-1', 0]]);
    expect(shown.some((stream) => stream === 'user-1')).to.equal(true);
  });

  it('ask for a look at the view after a quarter of what fits, and while everything counts as ahead', () => {
    const shown = acknowledgedRevisions({ max: 8 });
    for (const n of [1, 2]) shown.remember(`user-${n}`, 0, BigInt(n));
    expect(shown.isFull()).to.equal(false);
    shown.remember('user-3', 0, 3n);
    expect(shown.isFull()).to.equal(true);
    shown.forgetUpTo(0n);
    expect(shown.isFull()).to.equal(false);
    expect(acknowledgedRevisions({ until: 50n }).isFull()).to.equal(true);
  });

  it('are forgotten in the order of their last positions', () => {
    const shown = acknowledgedRevisions();
    shown.remember('user-1', 0, 10n);
    shown.remember('user-2', 0, 20n);
    shown.remember('user-1', 1, 30n);
    shown.forgetUpTo(20n);
    expect([shown.atLeast('user-1'), shown.atLeast('user-2')]).to.deep.equal([1, -1]);
  });

  it('are ahead of the view exactly if it has not reached them, in whatever order they came', () => {
    const subjects = ['user-1', 'user-2', 'user-3', 'user-4'];
    const events = fc.array(fc.constantFrom(...subjects), { minLength: 1, maxLength: 20 });
    const steps = fc.array(fc.record({ isLook: fc.boolean(), event: fc.nat(19) }), { maxLength: 40 });
    fc.assert(
      fc.property(events, steps, (log, acts) => {
        const shown = acknowledgedRevisions();
        const last = new Map<string, { revision: number; position: number }>();
        let reached = -1;
        for (const { isLook, event } of acts) {
          const position = event % log.length;
          const stream = log[position] as string;
          const revision = log.slice(0, position).filter((one) => one === stream).length;
          if (isLook) {
            shown.forgetUpTo(BigInt(position));
            reached = Math.max(reached, position);
          } else {
            shown.remember(stream, revision, BigInt(position));
            if (revision > (last.get(stream)?.revision ?? -1)) last.set(stream, { revision, position });
          }
          const ahead = subjects.filter((one) => (last.get(one)?.position ?? -1) > reached);
          for (const one of ahead) expect(shown.atLeast(one)).to.equal(last.get(one)?.revision);
          for (const one of subjects) {
            expect(shown.some((name) => name === one)).to.equal(ahead.includes(one), one);
          }
        }
        shown.forgetUpTo(BigInt(log.length));
        for (const one of subjects) expect(shown.atLeast(one)).to.equal(-1);
      }),
    );
  });
});
