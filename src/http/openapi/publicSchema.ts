import type { JsonSchema } from '../../validation/schema.ts';
import { exampleOf } from './examples.ts';
import { nameOf } from '../../presentation/schemaNames.ts';

/** Characters that no text may contain. */
const CONTROL = '\\u0000-\\u001f\\u007f-\\u009f';
/** White space, and the format characters of the basic plane: a text of nothing else is empty. */
const INVISIBLE =
  '\\s\\u00ad\\u0600-\\u0605\\u061c\\u06dd\\u070f\\u0890\\u0891\\u08e2\\u180e\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u2064' +
  '\\u2066-\\u206f\\ufeff\\ufff9-\\ufffb';
/**
 * Characters that the normal form of a DNI drops: white space, dashes, format characters, full
 * stops.
 */
const NOT_IN_DNI =
  '\\s.\\u002d\\u00ad\\u058a\\u05be\\u0600-\\u0605\\u061c\\u06dd\\u070f\\u1400\\u1806\\u180e\\u200b-\\u200f' +
  '\\u2010-\\u2015\\u2024\\u202a-\\u202e\\u2060-\\u206f\\u301c\\u3030\\u30a0\\ufe19\\ufe30-\\ufe32\\ufe52\\ufe58' +
  '\\ufe63\\ufeff\\uff0d\\uff0e\\ufff9-\\ufffb';

const within = (one: string): string => `^[^${CONTROL}]*[^${CONTROL}${one}][^${CONTROL}]*$`;

/** padron's own formats, expressed as standard patterns and formats. */
const PUBLIC_FORMATS: Record<string, JsonSchema> = {
  'plain-text': { pattern: `^[^${CONTROL}]*$` },
  dni: { minLength: 1, pattern: within(NOT_IN_DNI) },
  'http-url': { format: 'uri', minLength: 1, pattern: '^[Hh][Tt][Tt][Pp][Ss]?://[^\\s]+$' },
  untrimmed: { pattern: `^[^${CONTROL}\\s]([^${CONTROL}]*[^${CONTROL}\\s])?$` },
};

/** Keywords that only padron's own check knows. */
const PRIVATE_KEYWORDS = ['x-exact', 'x-minBytes', 'x-maxBytes'];

/** Collects the named schemas that a document refers to. */
export type Components = Map<string, JsonSchema>;

/**
 * A schema for /openapi.json: named parts become references, added to `components`, and padron's
 * own formats and keywords become patterns and bounds.
 */
export function publicSchema(schema: JsonSchema, components: Components): JsonSchema {
  const name = nameOf(schema);
  if (name === null) return inPlace(schema, components);
  if (!components.has(name)) {
    components.set(name, {});
    const example = exampleOf(schema);
    components.set(name, {
      ...inPlace(schema, components),
      ...(example === undefined ? {} : { examples: [example] }),
    });
  }
  return { $ref: `#/components/schemas/${name}` };
}

function inPlace(schema: JsonSchema, components: Components): JsonSchema {
  const shown: JsonSchema = {};
  const parts = [schema, ...((schema['allOf'] as JsonSchema[] | undefined) ?? [])];
  for (const part of parts) {
    for (const [keyword, value] of Object.entries(part)) {
      if (keyword === 'allOf' || PRIVATE_KEYWORDS.includes(keyword)) continue;
      if (keyword === 'format' && String(value) in PUBLIC_FORMATS) {
        Object.assign(shown, PUBLIC_FORMATS[String(value)]);
      } else shown[keyword] = nested(keyword, value, components);
    }
  }
  // Something must remain of a text after trimming.
  if (shown['minLength'] === 1 && shown['pattern'] === PUBLIC_FORMATS['plain-text']?.['pattern']) {
    shown['pattern'] = within(INVISIBLE);
  }
  return shown;
}

function nested(keyword: string, value: unknown, components: Components): unknown {
  const convert = (one: unknown): JsonSchema => publicSchema(one as JsonSchema, components);
  if (keyword === 'properties') {
    const properties = Object.entries(value as Record<string, JsonSchema>);
    return Object.fromEntries(properties.map(([member, one]) => [member, convert(one)]));
  }
  if (keyword === 'oneOf' || keyword === 'anyOf') return (value as unknown[]).map(convert);
  if (keyword === 'items' && typeof value === 'object') return convert(value);
  return value;
}
