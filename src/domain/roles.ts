/** The roles that routes are open to (contract, section 1). */
export const ROLES = ['admin', 'asistente', 'monitor', 'auditor'] as const;

/** What a categoria may name that gives its user rights: the routes' roles, and the data protection officer's. */
const GIVEN_BY_CATEGORIA = [...ROLES, 'dpo'] as const;

/** A role as it is compared: trimmed, lower-case, «administrador» spelled «admin» (contract, section 1). */
export function roleName(role: string): string {
  const name = role.trim().toLowerCase();
  return name === 'administrador' ? 'admin' : name;
}

/** The role that a categoria names, null if it names none. */
export const roleOf = (categoria: string): string | null =>
  GIVEN_BY_CATEGORIA.find((role) => role === roleName(categoria)) ?? null;
