import type { PersonaRecord, UserRecord } from '../../events/types.ts';

/** A record from another system. The importer supplies the members that are null. */
export type ImportRecord =
  | { kind: 'persona'; record: WithGaps<PersonaRecord, 'id' | 'created_at'> }
  | { kind: 'user'; record: WithGaps<UserRecord, 'IdUsuario' | 'password' | 'fechaalta'> };

type WithGaps<Fields, Gaps extends keyof Fields> = Omit<Fields, Gaps> & {
  [K in Gaps]: Fields[K] | null;
};

/** Whether nothing has to be supplied: copying a record took a fortieth of an import. */
export const isWhole = (record: (ImportRecord & { kind: 'user' })['record']): record is UserRecord =>
  record.IdUsuario !== null && record.password !== null && record.fechaalta !== null;
