import type { JsonSchema } from './schema.ts';

/** The members that requests share. */

const MAX_TEXT_LENGTH = 200;
const MAX_URL_LENGTH = 2_000;

export const text: JsonSchema = { type: 'string', maxLength: MAX_TEXT_LENGTH, format: 'plain-text' };
export const requiredText: JsonSchema = { ...text, minLength: 1 };
export const nullableText: JsonSchema = { ...text, type: ['string', 'null'] };
export const dni: JsonSchema = {
  type: 'string',
  maxLength: MAX_TEXT_LENGTH,
  allOf: [{ format: 'plain-text' }, { format: 'dni' }],
  description: 'Identity number. Spaces, dashes, dots and case are ignored in comparisons.',
};
export const httpUrl: JsonSchema = {
  type: ['string', 'null'],
  maxLength: MAX_URL_LENGTH,
  allOf: [{ format: 'plain-text' }, { format: 'http-url' }],
};
export const email: JsonSchema = {
  type: 'string',
  minLength: 1,
  maxLength: MAX_TEXT_LENGTH,
  allOf: [{ format: 'plain-text' }, { format: 'email' }],
};
export const date: JsonSchema = { type: 'string', format: 'date' };
export const nullableDate: JsonSchema = { type: ['string', 'null'], format: 'date' };
export const fee: JsonSchema = { type: 'number', minimum: 0 };
export const socio: JsonSchema = {
  enum: ['Socio', 'NoSocio', 1, 0],
  description: '1 stands for Socio, 0 for NoSocio.',
};
export const cuenta: JsonSchema = {
  type: 'string',
  minLength: 1,
  maxLength: MAX_TEXT_LENGTH,
  allOf: [{ format: 'plain-text' }, { format: 'untrimmed' }],
  'x-exact': true,
  description: "The account that the person is linked to: a token's sub, compared exactly.",
};

// Of import lines and answers.

export const recordId: JsonSchema = { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER };
export const instant: JsonSchema = { type: 'string', format: 'date-time' };
export const bcryptHash: JsonSchema = { type: 'string', format: 'bcrypt-hash' };
export const flag: JsonSchema = { type: 'boolean' };

// Of answers, which promise less than requests demand.

export const plainText: JsonSchema = { type: 'string' };
export const plainNullableText: JsonSchema = { type: ['string', 'null'] };
export const boolean: JsonSchema = { type: 'boolean' };
export const socioWords: JsonSchema = { enum: ['Socio', 'NoSocio'] };
