import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormatsModule from 'ajv-formats';

interface Operation {
  responses: Record<string, { content?: Record<string, { schema: object }> }>;
}

interface Description {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object> };
}

export interface AnswerToCheck {
  method: string;
  /** The path without its query. */
  path: string;
  status: number;
  contentType: string;
  body: unknown;
}

/** Throws unless /openapi.json allows the answer. */
export type CheckAnswer = (answer: AnswerToCheck) => void;

const addFormats = addFormatsModule.default;

/** The check for every answer of a service, made from the service's own description. */
export function answerCheck(description: object): CheckAnswer {
  const { paths, components } = description as Description;
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats(ajv);
  ajv.addSchema({ $id: 'api', components });
  const compiled = new Map<object, ValidateFunction>();

  function expectValid(schema: object, body: unknown, what: string): void {
    const validate = compiled.get(schema) ?? ajv.compile(absolute(schema));
    compiled.set(schema, validate);
    if (!validate(body)) throw new Error(`${what}: ${ajv.errorsText(validate.errors)}`);
  }

  return ({ method, path, status, contentType, body }) => {
    const what = `${method} ${path} answered ${status}`;
    // No operation describes the answer to a CORS preflight.
    if (method === 'OPTIONS' && status === 204) return;
    const operation = operationAt(paths, method, path);
    if (!operation) {
      if (status !== 404 && status !== 405) throw new Error(`${what}, but is not described`);
      expectValid(components.schemas[errorSchemaOf(path)] as object, body, what);
      return;
    }
    const response = operation.responses[status];
    if (!response) throw new Error(`${what}, which is not described`);
    if (!response.content) {
      if (body !== '') throw new Error(`${what} with a body, which is not described`);
      return;
    }
    const content = response.content[contentType];
    if (!content) throw new Error(`${what} as ${contentType}, which is not described`);
    expectValid(content.schema, body, what);
  };
}

/** The operation for a path; a template without parameters takes precedence. */
function operationAt(paths: Description['paths'], method: string, path: string): Operation | null {
  const fits = (template: string): boolean =>
    new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`).test(path);
  const templates = Object.keys(paths).filter((one) => fits(one) && paths[one]?.[method.toLowerCase()]);
  const best = templates.find((one) => !one.includes('{')) ?? templates[0];
  return best === undefined ? null : (paths[best]?.[method.toLowerCase()] ?? null);
}

function errorSchemaOf(path: string): string {
  if (path.startsWith('/api/personas')) return 'PersonasError';
  return path.startsWith('/users') ? 'UsersError' : 'Problem';
}

/** Turns references into the description into references into the schema that Ajv knows as `api`. */
const absolute = (schema: object): object =>
  JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"api#/components/')) as object;
