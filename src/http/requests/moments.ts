import type { Moments } from '../../roll/moments.ts';
import type { JsonSchema } from '../../validation/schema.ts';

/** How moments are read: in which time zone, and what is still future. */
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
