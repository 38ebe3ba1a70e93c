import { requiredText } from '../validation/fields.ts';
import type { Issue, JsonSchema } from '../validation/schema.ts';

/** The body of a revert request. */
export interface RevertBody {
  /** The revision to restore. */
  revision: number;
  /** Recorded in the event. */
  reason: string;
}

export const revertSchema: JsonSchema = {
  type: 'object',
  properties: {
    revision: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
    reason: requiredText,
  },
  required: ['revision', 'reason'],
  additionalProperties: false,
};

/** The subject has no such revision, or had no state at it. */
export const noSuchRevision: Issue = { path: '/revision', member: 'revision', rule: 'revision' };
