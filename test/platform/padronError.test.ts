import { expect } from 'chai';
import { EventFault, EventStoreError } from '../../src/events/eventErrors.ts';
import { reasonOf } from '../../src/platform/padronError.ts';
import { ProjectionError } from '../../src/projections/folding/fold.ts';

/** What `work` throws. */
function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

const place = { stream: 'user-1', revision: 1, type: 'UserEdited', position: 7n };

describe('An error of padron', () => {
  it('is named after its class', () => {
    const failure = new EventStoreError('the log is away', { outcomeUnknown: false });
    expect([new EventFault('cuota is missing').name, failure.name]).to.deep.equal([
      'EventFault',
      'EventStoreError',
    ]);
  });
});

describe('The logged text of an error', () => {
  it('is the first line of the message if the error is one of padron’s own', () => {
    expect(reasonOf(new EventFault('cuota is missing'))).to.equal('cuota is missing');
    const failure = new EventStoreError('the log is away\nat line 2', { outcomeUnknown: false });
    expect(reasonOf(failure)).to.equal('the log is away');
  });

  it('is only the name of any other error, whose message may quote a value', () => {
    const quoting: (() => unknown)[] = [
      () => BigInt('María García 12345678Z'),
      (): unknown => JSON.parse('María García, 600 123 123'),
      () => new Intl.DateTimeFormat('es', { timeZone: 'Calle Mayor 12' }),
    ];
    const reasons = quoting.map((work) => reasonOf(thrownBy(work)));
    expect(reasons).to.deep.equal(['SyntaxError', 'SyntaxError', 'RangeError']);
    for (const work of quoting) {
      const fault = new ProjectionError('users', place, thrownBy(work));
      expect(`${fault.reason} ${fault.message}`).to.not.match(/María|Calle|600/);
    }
  });

  it('is never an unknown name or a thrown value', () => {
    const named = Object.assign(new Error('x'), { name: 'María García' });
    for (const thrown of [named, 'María', null, undefined, { message: 'María' }]) {
      expect(reasonOf(thrown)).to.equal('Error');
    }
  });
});
