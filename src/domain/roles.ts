/** The roles that routes can require. */
export const ROLES = ['admin', 'asistente', 'monitor', 'auditor'] as const;

/** The roles that a categoria can name: the routes' roles and the data protection officer's. */
const GIVEN_BY_CATEGORIA = [...ROLES, 'dpo'] as const;

/** Normalises a role for comparison: trimmed, lower case, «administrador» as «admin». */
export function roleName(role: string): string {
  const name = role.trim().toLowerCase();
  return name === 'administrador' ? 'admin' : name;
}

/** The role that a categoria names, null if it names none. */
export const roleOf = (categoria: string): string | null =>
  GIVEN_BY_CATEGORIA.find((role) => role === roleName(categoria)) ?? null;
