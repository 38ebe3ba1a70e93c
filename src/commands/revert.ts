import { requiredText } from '../validation/fields.ts';
import type { Issue, JsonSchema } from '../validation/schema.ts';

/** What a revert of any subject asks. */
export interface RevertBody {
  /** The revision to go back to. */
  revision: number;
  /** Why; kept with the event. */
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

/** The subject had no state at the revision to go back to, or never had such a revision. */
export const noSuchRevision: Issue = { path: '/revision', member: 'revision', rule: 'revision' };
