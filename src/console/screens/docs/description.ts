import { useGet } from '../../app/useGet.ts';

export interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required?: boolean;
  description?: string;
  schema?: Schema;
  example?: unknown;
}

export interface Schema {
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  format?: string;
  description?: string;
  properties?: Record<string, Schema>;
  items?: Schema;
  required?: string[];
  $ref?: string;
}

export interface Media {
  schema?: Schema;
  example?: unknown;
  examples?: Record<string, { value: unknown }>;
}

export interface ApiResponse {
  description: string;
  content?: Record<string, Media>;
}

export interface Operation {
  method: string;
  path: string;
  operationId: string;
  summary: string;
  description: string;
  tags: string[];
  parameters: Parameter[];
  requestBody?: { content: Record<string, Media> };
  responses: Record<string, ApiResponse>;
}

export interface Description {
  title: string;
  version: string;
  text: string;
  tags: { name: string; description: string }[];
  operations: Operation[];
  schemas: Record<string, Schema>;
}

interface Raw {
  info: { title: string; version: string; description?: string };
  tags: Description['tags'];
  paths: Record<
    string,
    Record<
      string,
      Omit<Operation, 'method' | 'path' | 'parameters'> & { parameters: (Parameter | { $ref: string })[] }
    >
  >;
  components: { schemas: Record<string, Schema>; parameters: Record<string, Parameter> };
}

/** The description of the API, its operations in one list. */
export function useDescription(): {
  description: Description | null;
  error: ReturnType<typeof useGet>['error'];
} {
  const { answer, error } = useGet<Raw>('/openapi.json');
  return { description: answer ? descriptionOf(answer.body) : null, error };
}

function descriptionOf({ info, tags, paths, components }: Raw): Description {
  const parameterOf = (one: Parameter | { $ref: string }): Parameter[] => {
    if (!('$ref' in one)) return [one];
    const found = components.parameters[one.$ref.split('/').at(-1) ?? ''];
    return found ? [found] : [];
  };
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      ...operation,
      method: method.toUpperCase(),
      path,
      parameters: operation.parameters.flatMap(parameterOf),
    })),
  );
  return {
    title: info.title,
    version: info.version,
    text: info.description ?? '',
    tags,
    operations,
    schemas: components.schemas,
  };
}

/** A schema with its reference followed. */
export function resolved(schema: Schema | undefined, schemas: Record<string, Schema>): Schema {
  const name = schema?.$ref?.split('/').at(-1);
  return (name === undefined ? schema : schemas[name]) ?? {};
}

/** What values a schema takes, in a few words. */
export function typeOf(schema: Schema, schemas: Record<string, Schema>): string {
  const { type, enum: choices, const: only, format, items } = resolved(schema, schemas);
  if (choices) return choices.map((one) => JSON.stringify(one)).join(' | ');
  if (only !== undefined) return JSON.stringify(only);
  const name = [type].flat().filter(Boolean).join(' | ');
  if (name.includes('array') && items) return `${typeOf(items, schemas)}[]`;
  return format === undefined ? name : `${name} (${format})`;
}

/** The example of a media type: its own, or the first of several. */
export function exampleIn({ example, examples }: Media): unknown {
  return example ?? Object.values(examples ?? {})[0]?.value;
}

export const asText = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value, null, 2);
