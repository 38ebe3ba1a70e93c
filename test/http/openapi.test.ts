import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormatsModule from 'ajv-formats';
import { expect } from 'chai';
import { serviceForTests } from '../support/service.ts';

interface Media {
  schema: object;
  example?: unknown;
  examples?: Record<string, { value: unknown }>;
}

interface Operation {
  operationId: string;
  security: object[];
  requestBody?: { content: Record<string, Media> };
  parameters: { name: string; in: string; schema: object; example?: unknown }[];
  responses: Record<string, { headers: object; content?: Record<string, Media> }>;
}

describe('/openapi.json', () => {
  const running = serviceForTests();
  let description: {
    openapi: string;
    info: { description: string };
    tags: { name: string; description: string }[];
    paths: Record<string, Record<string, Operation>>;
    components: { schemas: Record<string, object>; securitySchemes: Record<string, { description: string }> };
  };
  let operations: [string, Operation][];

  before(async () => {
    description = (await running().send('GET', '/openapi.json')).body as typeof description;
    operations = Object.entries(description.paths).flatMap(([path, methods]) => {
      const named = ([method, one]: [string, Operation]): [string, Operation] => [
        `${method.toUpperCase()} ${path}`,
        one,
      ];
      return Object.entries(methods).map(named);
    });
  });

  it('is a valid OpenAPI 3.1 document', async () => {
    const { valid, errors } = await new Validator().validate(structuredClone(description));
    expect(errors ?? []).to.deep.equal([]);
    expect(valid).to.equal(true);
    expect(description.openapi).to.match(/^3\.1\./);
  });

  it('describes every route, each with its own operation id', () => {
    expect(operations.map(([name]) => name).sort()).to.deep.equal([
      'DELETE /admin/jobs/{id}',
      'DELETE /imports/{id}',
      'GET /admin/erasures',
      'GET /admin/jobs',
      'GET /admin/jobs/{id}',
      'GET /admin/jobs/{id}/events',
      'GET /admin/parked',
      'GET /admin/projections',
      'GET /api/personas',
      'GET /api/personas/changes',
      'GET /api/personas/me',
      'GET /api/personas/me/export',
      'GET /api/personas/me/history',
      'GET /api/personas/{id}',
      'GET /api/personas/{id}/diff',
      'GET /api/personas/{id}/export',
      'GET /api/personas/{id}/history',
      'GET /audit',
      'GET /health/live',
      'GET /health/ready',
      'GET /imports',
      ...['', '/events', '/report'].map((part) => `GET /imports/{id}${part}`),
      'GET /metrics',
      'GET /openapi.json',
      'GET /rolls',
      'GET /rolls/{id}',
      'GET /rolls/{id}/changes',
      'GET /rolls/{id}/entries',
      'GET /users',
      'GET /users/changes',
      'GET /users/{dni}',
      'GET /users/{dni}/diff',
      'GET /users/{dni}/export',
      'GET /users/{dni}/history',
      'POST /admin/jobs/{id}/pause',
      'POST /admin/jobs/{id}/resume',
      'POST /admin/parked/{id}/retry',
      'POST /admin/parked/{id}/skip',
      'POST /admin/projections/{name}/rebuild',
      'POST /admin/projections/{name}/rollback',
      'POST /admin/verify',
      'POST /api/personas',
      'POST /api/personas/{id}/erase',
      'POST /api/personas/{id}/revert',
      'POST /imports',
      ...['pause', 'resume'].map((verb) => `POST /imports/{id}/${verb}`),
      'POST /rolls',
      'POST /rolls/{id}/verify',
      'POST /users',
      'POST /users/delete',
      'POST /users/edit',
      'POST /users/{dni}/erase',
      'POST /users/{dni}/revert',
      'PUT /api/personas/me',
    ]);
    expect(new Set(operations.map(([, { operationId }]) => operationId)).size).to.equal(operations.length);
  });

  it('has every error answer of every route', () => {
    for (const [name, { security, requestBody, responses }] of operations) {
      const expected = ['400', '405', '408', '417', '431', '500'];
      if (security.length > 0) expected.push('401', '403', '429', '503');
      if (requestBody) expected.push('413', '415');
      if (requestBody && !/\/(admin|rolls|imports)/.test(name)) expected.push('412');
      if (requestBody && !/\/(admin|imports)/.test(name)) expected.push('422');
      if (/POST \/(users|rolls|imports|api\/personas)$|PUT/.test(name)) expected.push('409');
      if (/(POST|DELETE) \/(admin\/(projections|jobs|verify)|imports\/)/.test(name)) expected.push('409');
      if (/personas\/(me|\{id\})|GET \/users\/\{dni\}|(admin|rolls|imports)\/.*\{/.test(name))
        expected.push('404');
      expect(responses, name).to.include.keys(expected);
    }
  });

  it('names the parameters of every write of a person or user, and of every read of one document', () => {
    for (const [name, { requestBody, parameters, responses }] of operations) {
      const names = parameters.map((one) => one.name);
      if (requestBody && !/\/(admin|rolls|imports)/.test(name))
        expect(names, name).to.include.members(['If-Match', 'Idempotency-Key']);
      if (responses['304']) expect(names, name).to.include('If-None-Match');
      if (responses['304'] && !name.endsWith('/openapi.json'))
        expect(names, name).to.include('X-Padron-Position');
      const inPath = [...name.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter);
      expect(parameters.filter((one) => one.in === 'path').map((one) => one.name)).to.deep.equal(inPath);
    }
  });

  /** Every schema of the document, with the schemas in it. */
  function schemasIn(value: unknown): object[] {
    if (typeof value !== 'object' || value === null) return [];
    return [value, ...Object.values(value).flatMap(schemasIn)];
  }

  it('uses only standard terms of OpenAPI clients', () => {
    const formats = schemasIn([description.paths, description.components])
      .map((one) => (one as { format?: unknown }).format)
      .filter((format) => typeof format === 'string');
    expect([...new Set(formats)].sort()).to.deep.equal([
      'date',
      'date-time',
      'email',
      'uri',
      'uri-reference',
    ]);
    const text = JSON.stringify(description);
    for (const keyword of ['x-exact', 'x-minBytes', 'x-maxBytes', 'allOf', 'plain-text', 'http-url']) {
      expect(text).to.not.contain(`"${keyword}"`);
    }
    expect(text).to.contain('"x-events":{"job":{"data":{"$ref":"#/components/schemas/Job"}}}');
  });

  it('names the schemas that a generated client shows to its user', () => {
    const named =
      'Persona PersonaPage User StoredUser UserPage HistoryEntry HistoryPage Change Diff RollChanges NamedRoll Job ' +
      'ParkedSubject View EditUser RegisterUser UpdateProfile RegisterPersona Revert Problem ProblemCode PersonasError UsersError';
    expect(description.components.schemas).to.include.keys(named.split(' '));
    for (const [name, { responses }] of operations) {
      const { content = {} } = responses['200'] ?? responses['201'] ?? responses['202'] ?? {};
      const { schema } = content['application/json'] ?? { schema: { $ref: '' } };
      if (!/health|delete/.test(name))
        expect(Object.keys(schema), name).to.satisfy(
          (keys: string[]) => keys.includes('$ref') || /jobs|parked|projections|openapi/.test(name),
        );
    }
  });

  it('has a valid example for every body, answer and parameter', () => {
    const ajv = new Ajv2020({ strict: false, allErrors: true });
    addFormatsModule.default(ajv);
    ajv.addSchema({ $id: 'api', components: description.components });
    const absolute = (schema: object): object =>
      JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"api#/components/')) as object;
    function expectValid(schema: object, value: unknown, what: string): void {
      const validate = ajv.compile(absolute(schema));
      expect(
        validate(value),
        `${what}: ${ajv.errorsText(validate.errors)} ${JSON.stringify(value)}`,
      ).to.equal(true);
    }
    for (const [name, { requestBody, responses, parameters }] of operations) {
      for (const { name: parameter, schema, example, in: place } of parameters.filter(
        (one) => 'name' in one,
      )) {
        // A cursor means something to the query that it came from only, and a moment is given in one of two ways.
        if (place === 'query' && example === undefined && parameter === 'cursor') continue;
        expectValid(schema, example, `${name} ${parameter}`);
      }
      const contents = [
        requestBody?.content ?? {},
        ...Object.values(responses).map(({ content = {} }) => content),
      ];
      for (const content of contents) {
        for (const [type, { schema, example, examples }] of Object.entries(content)) {
          const values = examples ? Object.values(examples).map(({ value }) => value) : [example];
          expect(values, `${name} ${type}`).to.not.have.lengthOf(0);
          for (const value of values) expectValid(schema, value, `${name} ${type}`);
        }
      }
    }
  });

  it('has the headers of every answer, including those of a single status', () => {
    for (const [name, { responses }] of operations) {
      for (const [status, { headers, content = {} }] of Object.entries(responses)) {
        const expected = ['X-Request-Id', 'X-Correlation-Id', 'Cache-Control'];
        if (Number(status) >= 400) expected.push('Problem-Code');
        if (status === '429' || status === '503') expected.push('Retry-After');
        if (status === '405') expected.push('Allow');
        if (status === '401') expected.push('WWW-Authenticate');
        if (content['text/csv']) expected.push('Content-Disposition');
        // Of the same document or page, without its body.
        if (status === '304') expected.push(...Object.keys(responses['200']?.headers ?? {}));
        expect(headers, `${name} ${status}`).to.include.keys(expected);
      }
    }
  });

  it('explains what a token needs and what the API and its parts are for', () => {
    const { info, tags, components } = description;
    for (const claim of ['sub', 'exp', 'role', 'rol', 'categoria', 'roles', 'email']) {
      expect(components.securitySchemes['bearer']?.description).to.contain(`\`${claim}\``);
    }
    expect(info.description).to.contain('Idempotency-Key').and.to.contain('Problem-Code');
    for (const { name, description: text } of tags) expect(text, name).to.match(/\.$/);
  });
});
