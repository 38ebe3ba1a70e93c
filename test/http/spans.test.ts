import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-node';
import { expect } from 'chai';
import { eventually } from '../support/eventually.ts';
import { failingStore, type Trouble } from '../support/failingStore.ts';
import { aPersona, userBody } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';
import { recordSpans, type RecordedSpans } from '../support/tracing.ts';

const LINK = 'padron.correlation_id';

describe('Trace spans of a service', () => {
  const trouble: Trouble = { appends: 'work', reads: 'work' };
  // With something around the stores, the views are kept in this thread.
  const running = serviceForTests({ aroundStore: (store) => failingStore(store, trouble) });
  const admin = tokenOf('admin');
  let spans: RecordedSpans;
  beforeEach(() => {
    spans = recordSpans();
  });
  afterEach(() => spans.stop());

  const named = (name: string): ReadableSpan[] => spans.ended().filter((span) => span.name === name);
  const one = (name: string): Promise<ReadableSpan> =>
    eventually(`a span ${name} has ended`, async () => named(name)[0]);
  const parentOf = ({ parentSpanContext }: ReadableSpan): string | undefined => parentSpanContext?.spanId;

  it('lead from a request through its command to the append, with one correlation id', async () => {
    const headers = { 'x-correlation-id': 'visit-1', 'x-request-id': 'request-1' };
    const body = userBody();
    const { status } = await running().send('POST', '/users', { token: admin, headers, body });
    expect(status).to.equal(201);
    const [request, command, append] = [
      await one('POST /users'),
      await one('command RegisterUser'),
      named('append').find(({ attributes }) =>
        (attributes['padron.event_types'] as string[]).includes('UserRegistered'),
      ) as ReadableSpan,
    ];
    expect(request.kind).to.equal(SpanKind.SERVER);
    expect(request.attributes).to.deep.equal({
      'http.request.method': 'POST',
      'http.route': '/users',
      'http.response.status_code': 201,
      'padron.request_id': 'request-1',
      [LINK]: 'visit-1',
    });
    expect(parentOf(command)).to.equal(request.spanContext().spanId);
    expect(command.attributes).to.include({ [LINK]: 'visit-1' });
    expect(parentOf(append)).to.equal(command.spanContext().spanId);
    expect(append.attributes).to.include({ [LINK]: 'visit-1' });
  });

  it('name the requests whose events a view has applied', async () => {
    const headers = { 'x-correlation-id': 'visit-2' };
    await running().send('POST', '/users', { token: admin, headers, body: userBody() });
    const batch = await eventually('the batch has a span', async () =>
      named('project users').find(({ attributes }) =>
        (attributes['padron.correlation_ids'] as string[]).includes('visit-2'),
      ),
    );
    expect(batch.attributes).to.include({ 'padron.view': 'users' });
    expect(batch.attributes['padron.events']).to.be.at.least(1);
  });

  it('continue the trace of the caller', async () => {
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const headers = { traceparent: `00-${traceId}-b7ad6b7169203331-01` };
    await running().send('GET', '/users', { token: admin, headers });
    const request = await one('GET /users');
    expect(request.spanContext().traceId).to.equal(traceId);
    expect(parentOf(request)).to.equal('b7ad6b7169203331');
  });

  it('cover a rebuild, with the id of its job', async () => {
    const { body } = await running().send('POST', '/admin/projections/users/rebuild', { token: admin });
    const job = await one('job rebuild users');
    expect(job.attributes).to.deep.equal({ 'padron.job': (body as { id: string }).id });
  });

  it('cover a verification, with the id of its job', async () => {
    const { body } = await running().send('POST', '/admin/verify', { token: admin });
    const job = await one('job verify');
    expect(job.attributes).to.deep.equal({ 'padron.job': (body as { id: string }).id });
  });

  it('end with the last piece of an export', async () => {
    const headers = { accept: 'text/csv' };
    await running().send('GET', '/audit', { token: tokenOf('auditor'), headers });
    const request = await one('GET /audit');
    expect(request.attributes).to.include({ 'http.response.status_code': 200 });
  });

  it('are marked as failed when the store fails, with the name of the error only', async () => {
    const { cuenta } = await aPersona(running().service);
    trouble.appends = 'out of reach';
    const call = { token: tokenOf('asistente', cuenta), body: { telefono: '1' } };
    const { status } = await running().send('PUT', '/api/personas/me', call);
    trouble.appends = 'work';
    expect(status).to.equal(503);
    const command = await one('command UpdatePersonaProfile');
    expect(command.status).to.deep.equal({ code: SpanStatusCode.ERROR });
    expect(command.attributes).to.include({ 'error.type': 'EventStoreError' });
    expect(command.events).to.deep.equal([]);
    expect((await one('PUT /api/personas/me')).status.code).to.equal(SpanStatusCode.ERROR);
  });

  it('contain no personal data', async () => {
    const body = userBody({ email: 'nadie@example.com' });
    await running().send('POST', '/users', { token: admin, body });
    await running().send('GET', `/users/${body.dni}?revision=0`, { token: admin });
    await running().send('GET', '/users?q=nadie', { token: admin });
    await one('project users');
    const told = JSON.stringify(
      spans.ended().map(({ name, attributes, status, events }) => [name, attributes, status, events]),
    );
    for (const secret of [body.dni, body.email, body.password, 'nadie', 'reservation-', admin]) {
      expect(told).to.not.contain(secret);
    }
  });
});
