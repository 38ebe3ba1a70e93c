import { useMemo } from 'preact/hooks';
import {
  useApiDescription,
  type ApiDescription,
  type DescribedOperation,
  type Media,
  type Parameter,
  type Schema,
} from '../../app/apiDescription.ts';

/** An operation with its method and path, and with references resolved. */
export interface Operation extends DescribedOperation {
  method: string;
  path: string;
  parameters: Parameter[];
}

export interface Description {
  title: string;
  version: string;
  text: string;
  tags: { name: string; description: string }[];
  operations: Operation[];
  schemas: Record<string, Schema>;
}

/** The description of the API with its operations as one list; null until it has arrived. */
export function useDescription(): Description | null {
  const description = useApiDescription();
  return useMemo(() => description && descriptionOf(description), [description]);
}

function descriptionOf({ info, tags, paths, components }: ApiDescription): Description {
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

/** A schema with its reference resolved. */
export function resolved(schema: Schema | undefined, schemas: Record<string, Schema>): Schema {
  const name = schema?.$ref?.split('/').at(-1);
  return (name === undefined ? schema : schemas[name]) ?? {};
}

/** The values that a schema allows, in a few words. */
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
