import { expect } from 'chai';
import { requestOf } from '../../src/console/screens/docs/request.ts';
import type { Operation } from '../../src/console/screens/docs/description.ts';

describe('The form of the API pages', () => {
  const operation = (content: Record<string, object>): Operation => ({
    operationId: 'x',
    summary: '',
    description: '',
    tags: [],
    responses: {},
    method: 'POST',
    path: '/x',
    parameters: [],
    ...(Object.keys(content).length > 0 ? { requestBody: { content } } : {}),
  });
  const form = new FormData();
  form.set('body', '{}');

  it('sends a body of a type that the operation takes', () => {
    const { headers, body } = requestOf(operation({ 'text/csv': {}, 'application/x-ndjson': {} }), form);
    expect({ headers, body }).to.deep.equal({ headers: { 'Content-Type': 'text/csv' }, body: '{}' });
    const json = requestOf(operation({ 'text/csv': {}, 'application/json': {} }), form);
    expect(json.headers).to.deep.equal({ 'Content-Type': 'application/json' });
  });

  it('sends no body where the operation takes none', () => {
    const { headers, body } = requestOf(operation({}), form);
    expect({ headers, body }).to.deep.equal({ headers: {}, body: null });
  });
});
