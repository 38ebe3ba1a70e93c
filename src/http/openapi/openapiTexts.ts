import { ALGORITHMS_TEXT } from '../access/algorithms.ts';

/** The general texts of /openapi.json. */
export const INFO = {
  title: 'padron',
  summary: 'The roll of people and members of a club or a public office, event-sourced.',
  description: `Two kinds of records: persons (\`/api/personas\`) and users (\`/users\`), each with its whole history.

**Errors** have the shape of their prefix: \`PersonasError\`, \`UsersError\`, or \`Problem\` (RFC 9457) everywhere else. The header \`Problem-Code\` carries the
stable code in all three. Parameters, members and values that a route does not have are refused by name.

**Writing safely.** With an \`Idempotency-Key\` a write is applied once, however often it is sent: repeat it after 429, 503 or a lost connection.
With \`If-Match\` it is only applied to the state that you have seen (the \`ETag\` of a read).

**Reading what was written.** A write answers \`X-Padron-Position\`; a read that presents it shows that write, on any instance. Lists and histories
that could not do so in time say \`X-Padron-Behind: true\`.

**Pages.** Follow \`next\`, or the \`Link\` with \`rel="next"\`, until there is none. A page may be short and still have a next one.

**Limits.** Beyond a limit the answer is 429 with \`Retry-After\`.`,
  license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
};

export const SECURITY_SCHEME = {
  type: 'http',
  scheme: 'bearer',
  bearerFormat: 'JWT',
  description: `A JSON Web Token: HS256 with the configured secret, or ${ALGORITHMS_TEXT} with a key of the configured key set. Claims:

- \`sub\` (text or number): the account.
- \`exp\`: required; \`nbf\` is checked if present; \`iss\` and \`aud\` where they are configured.
- \`role\`, \`rol\`, \`categoria\`, or one of \`roles\` (an array of texts): admin, asistente, monitor, auditor or dpo, in any letter case;
  \`administrador\` is admin.
- Without any of these, \`sub\` and \`email\` name a user of /users, whose present \`categoria\` is the role.`,
};

export const TAGS: Partial<Record<string, string>> = {
  personas: 'Persons, each linked to the account that may change its own profile.',
  users: 'Users on the roll, found by their DNI.',
  rolls: 'Rolls that were given a name: who was on the roll at a moment, provably.',
  history: 'Who changed what and when, for one person or user, or for all. Also as CSV and NDJSON.',
  projections: 'The views behind lists and histories: state, rebuild, rollback.',
  erasures: 'Who was erased, by whom and why: the certificates.',
  jobs: 'Running rebuilds, rollbacks, verifications and imports.',
  imports: 'Lists of people, from a spreadsheet or another system.',
  parked: 'Persons and users whose next event a view cannot apply.',
  operations: 'Health, metrics, and this description.',
};
