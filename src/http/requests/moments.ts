import type { Moments } from '../../roll/moments.ts';
import type { JsonSchema } from '../../validation/schema.ts';

/** What the parsing of moments needs: the time zone, and the present, because the future is refused. */
export interface MomentRules {
  moments: Moments;
  /** Milliseconds since 1970. */
  now(): number;
}

export const momentSchema: JsonSchema = {
  type: 'string',
  minLength: 10,
  examples: ['2026-01-01'],
};
