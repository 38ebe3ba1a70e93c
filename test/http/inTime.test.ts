import { expect } from 'chai';
import { createDeadline } from '../../src/platform/deadline.ts';
import { RequestError } from '../../src/http/errors/errors.ts';
import { inTime } from '../../src/http/server/inTime.ts';

describe('An answer within the deadline of its request', () => {
  it('is 503 if what it needs never settles', async () => {
    const never = new Promise<void>(() => undefined);
    const refused = await inTime(never, createDeadline(5)).catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(RequestError).and.to.include({ code: 'unavailable' });
  });

  it('is unchanged if it is ready in time', async () => {
    await inTime(Promise.resolve(), createDeadline(10_000));
    const failure = new RequestError('not-found');
    const thrown = await inTime(Promise.reject(failure), createDeadline(10_000)).catch(
      (error: unknown) => error,
    );
    expect(thrown).to.equal(failure);
  });
});
