import { Validator } from '@seriousme/openapi-schema-validator';
import { expect } from 'chai';
import { serviceForTests } from '../support/service.ts';

interface Operation {
  operationId: string;
  security: object[];
  requestBody?: object;
  parameters: { name: string; in: string }[];
  responses: Record<string, object>;
}

describe('/openapi.json', () => {
  const running = serviceForTests();
  let description: { openapi: string; paths: Record<string, Record<string, Operation>> };
  let operations: [string, Operation][];

  before(async () => {
    description = (await running().send('GET', '/openapi.json')).body as typeof description;
    operations = Object.entries(description.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, one]): [string, Operation] => [
        `${method.toUpperCase()} ${path}`,
        one,
      ]),
    );
  });

  it('is a valid OpenAPI 3.1 document', async () => {
    const { valid, errors } = await new Validator().validate(structuredClone(description));
    expect(errors ?? []).to.deep.equal([]);
    expect(valid).to.equal(true);
    expect(description.openapi).to.match(/^3\.1\./);
  });

  it('describes every route, each under an id of its own', () => {
    expect(operations.map(([name]) => name).sort()).to.deep.equal([
      'DELETE /admin/jobs/{id}',
      'GET /admin/jobs',
      'GET /admin/jobs/{id}',
      'GET /admin/jobs/{id}/events',
      'GET /admin/parked',
      'GET /admin/projections',
      'GET /api/personas',
      'GET /api/personas/me',
      'GET /api/personas/me/history',
      'GET /api/personas/{id}',
      'GET /api/personas/{id}/diff',
      'GET /api/personas/{id}/history',
      'GET /audit',
      'GET /health/live',
      'GET /health/ready',
      'GET /metrics',
      'GET /openapi.json',
      'GET /users',
      'GET /users/{dni}',
      'GET /users/{dni}/diff',
      'GET /users/{dni}/history',
      'POST /admin/jobs/{id}/pause',
      'POST /admin/jobs/{id}/resume',
      'POST /admin/parked/{id}/retry',
      'POST /admin/parked/{id}/skip',
      'POST /admin/projections/{name}/rebuild',
      'POST /admin/projections/{name}/rollback',
      'POST /admin/verify',
      'POST /api/personas',
      'POST /api/personas/{id}/revert',
      'POST /users',
      'POST /users/delete',
      'POST /users/edit',
      'POST /users/{dni}/revert',
      'PUT /api/personas/me',
    ]);
    expect(new Set(operations.map(([, { operationId }]) => operationId)).size).to.equal(operations.length);
  });

  it('has every error answer of every route', () => {
    for (const [name, { security, requestBody, responses }] of operations) {
      const expected = ['500'];
      if (security.length > 0) expected.push('401', '403', '503');
      if (requestBody) expected.push('400', '413', '415');
      if (requestBody && !name.includes('/admin/')) expected.push('412', '422');
      if (/POST \/(users|api\/personas)$|PUT/.test(name)) expected.push('409');
      if (/(POST|DELETE) \/admin\/(projections|jobs|verify)/.test(name)) expected.push('409');
      if (/personas\/(me|\{id\})|GET \/users\/\{dni\}|admin\/.*\{/.test(name)) expected.push('404');
      expect(responses, name).to.include.keys(expected);
    }
  });

  it('names the parameters of every write of a person or user, and of every read of one document', () => {
    for (const [name, { requestBody, parameters, responses }] of operations) {
      const names = parameters.map((one) => one.name);
      if (requestBody && !name.includes('/admin/'))
        expect(names, name).to.include.members(['If-Match', 'Idempotency-Key']);
      if (responses['304']) expect(names, name).to.include.members(['If-None-Match', 'X-Padron-Position']);
      const inPath = [...name.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter);
      expect(parameters.filter((one) => one.in === 'path').map((one) => one.name)).to.deep.equal(inPath);
    }
  });
});
