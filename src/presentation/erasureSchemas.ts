import type { JsonSchema } from '../validation/schema.ts';
import { named } from './schemaNames.ts';
import { exactly } from './schemas.ts';

const text: JsonSchema = { type: 'string' };
const flag: JsonSchema = { type: 'boolean' };

export const certificateSchema = named('ErasureCertificate', {
  ...exactly({
    erasure: { type: 'string', description: 'The id of the erasure.' },
    subject: { type: 'string', pattern: '^(persona|user)-\\d+$' },
    erasedAt: { type: 'string', format: 'date-time' },
    by: exactly({ account: text, role: text }),
    reason: text,
    keys: { type: 'array', items: text, description: 'The fingerprints of the erased keys.' },
    verified: {
      ...exactly({ events: flag, views: flag, keyStore: flag }),
      description:
        "No key opens the person's events; no view holds the person; the key store has a tombstone. All false in the list while an erasure is under way.",
    },
  }),
  examples: [
    {
      erasure: '5f6a6f3e-1d0c-8d3b-9a53-7c1f1c1f4f10',
      subject: 'user-15',
      erasedAt: '2026-03-12T09:30:00.000Z',
      by: { account: 'admin', role: 'admin' },
      reason: 'Request of 12 March, file 2026/81',
      keys: ['Zk3sVq0o1m2n3p4r5s6t7u'],
      verified: { events: true, views: true, keyStore: true },
    },
  ],
});

export const erasureListSchema = named(
  'Erasures',
  exactly({ erasures: { type: 'array', items: certificateSchema } }),
);
