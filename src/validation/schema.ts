import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormatsModule from 'ajv-formats';
import { normalDni } from './dni.ts';

/** A JSON schema (2020-12), included in /openapi.json unchanged. */
export type JsonSchema = Record<string, unknown>;

/** An issue of a request. `rule` is the schema keyword or rule that it breaks. */
export interface Issue {
  /** JSON pointer to the member. */
  path: string;
  /** The member's name; empty for the body itself. */
  member: string;
  rule: string;
  /** What the rule requires, if a text needs it: a limit, the allowed values, a format's name. */
  wanted?: unknown;
}

/** The issue of a parameter, whose name is its path. */
export const issueOf = (name: string, rule: string, wanted?: unknown): Issue => ({
  path: `/${name}`,
  member: name,
  rule,
  ...(wanted === undefined ? {} : { wanted }),
});

// ajv-formats is CommonJS: its function is the module's `default` member for a NodeNext importer.
const addFormats = addFormatsModule.default;

// Tests check the schemas against the meta-schema: here that would add 50 ms to the start of each process.
const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true, validateSchema: false });
addFormats(ajv, ['email', 'date', 'date-time']);
// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
ajv.addFormat('plain-text', (text) => !CONTROL.test(text) && text.isWellFormed());
ajv.addFormat('dni', (text) => normalDni(text) !== '');
ajv.addFormat('http-url', isHttpUrl);
// «!» is what no password has for a hash: an imported user without one cannot sign in.
ajv.addFormat('bcrypt-hash', /^(?:!|\$2[aby]\$\d\d\$[./A-Za-z0-9]{53})$/);
ajv.addFormat('untrimmed', (text) => text === text.trim());
ajv.addKeyword({
  keyword: 'x-maxBytes',
  type: 'string',
  schemaType: 'number',
  validate: (limit: number, text: string) => Buffer.byteLength(text) <= limit,
});
ajv.addKeyword({
  keyword: 'x-minBytes',
  type: 'string',
  schemaType: 'number',
  validate: (limit: number, text: string) => Buffer.byteLength(text) >= limit,
});
// The string is used as sent, including outer white space.
ajv.addKeyword({ keyword: 'x-exact', schemaType: 'boolean' });

/** A text of which nothing can be seen: white space, and format characters such as U+200B. */
const BLANK = /^[\p{White_Space}\p{Cf}]*$/u;

/** Most issues reported: a body of 64 KiB has room for thousands of unknown members. */
const MAX_FAULTS = 100;

/** Checks a body: returns it trimmed, or all its issues. */
export type BodyCheck<Body> = (body: unknown) => { body: Body } | { faults: Issue[] };

/** A rule over several members. It only gets members that are valid individually. */
export type BodyRule<Body> = (members: Partial<Body>) => Issue[];

/**
 * A check for bodies of an object schema. Strings are trimmed first, to an empty one if only invisible
 * characters would remain, except members marked `x-exact`; a string with a control character is not
 * trimmed, so that the check refuses it even at the edge. Issues of `rule` are reported together with
 * the schema's. The schema is compiled at the first check: most commands start without checking
 * anything.
 */
export function bodyCheck<Body>(schema: JsonSchema, rule: BodyRule<Body> = () => []): BodyCheck<Body> {
  let compiled: ValidateFunction<Body> | undefined;
  const exact = exactMembers(schema);
  const known = knownMembers(schema);
  return (sent) => {
    const validate = (compiled ??= ajv.compile<Body>(schema));
    const body = trimmed(sent, exact, known);
    if (validate(body)) {
      const faults = rule(body);
      return faults.length > 0 ? { faults } : { body };
    }
    const faults = faultsOf(validate.errors ?? []);
    return { faults: [...faults, ...rule(membersWithout(faults, body))] };
  };
}

function membersWithout<Body>(faults: readonly Issue[], body: unknown): Partial<Body> {
  const faulty = new Set(faults.map(({ member }) => member));
  const entries = Object.entries(body ?? {}) as [string, unknown][];
  return Object.fromEntries(entries.filter(([member]) => !faulty.has(member))) as Partial<Body>;
}

function exactMembers(schema: JsonSchema): ReadonlySet<string> {
  const properties = (schema['properties'] ?? {}) as Record<string, JsonSchema>;
  return new Set(Object.keys(properties).filter((member) => properties[member]?.['x-exact'] === true));
}

/** The members that the schema names; null if it allows others. */
const knownMembers = (schema: JsonSchema): ReadonlySet<string> | null =>
  schema['additionalProperties'] === false ? new Set(Object.keys(schema['properties'] ?? {})) : null;

/**
 * The body with its strings trimmed, in time linear in its size. Usually it is not copied, because it
 * is trimmed already. Unknown members beyond the reported issues are left out: the check would make an
 * issue of each.
 */
function trimmed(sent: unknown, exact: ReadonlySet<string>, known: ReadonlySet<string> | null): unknown {
  if (typeof sent !== 'object' || sent === null || Array.isArray(sent)) return sent;
  const members = sent as Record<string, unknown>;
  const names = Object.keys(members);
  const valueOf = (member: string): unknown =>
    exact.has(member) ? members[member] : withoutOuterSpace(members[member]);
  const unknown = known ? names.filter((member) => !known.has(member)) : [];
  if (unknown.length <= MAX_FAULTS && names.every((member) => valueOf(member) === members[member]))
    return sent;
  const left = new Set(unknown.slice(MAX_FAULTS));
  return Object.fromEntries(
    names.filter((member) => !left.has(member)).map((member) => [member, valueOf(member)]),
  );
}

function withoutOuterSpace(value: unknown): unknown {
  if (typeof value !== 'string' || CONTROL.test(value)) return value;
  return BLANK.test(value) ? '' : value.trim();
}

function faultsOf(errors: readonly ErrorObject[]): Issue[] {
  return errors.slice(0, MAX_FAULTS).map(toFault);
}

function toFault({ keyword, instancePath, params }: ErrorObject): Issue {
  const details = params as Record<string, unknown>;
  const named = details['missingProperty'] ?? details['additionalProperty'];
  if (typeof named === 'string') {
    return { path: `${instancePath}/${escapePointer(named)}`, member: named, rule: keyword };
  }
  const member = instancePath.split('/')[1] ?? '';
  const rule = keyword === 'format' ? String(details['format']) : keyword;
  return {
    path: instancePath,
    member,
    rule,
    wanted: details['limit'] ?? details['type'] ?? details['allowedValues'],
  };
}

const escapePointer = (member: string): string => member.replace(/~/g, '~0').replace(/\//g, '~1');

function isHttpUrl(text: string): boolean {
  if (!/^https?:\/\//i.test(text)) return false;
  return URL.canParse(text);
}
