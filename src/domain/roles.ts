/** The roles that routes can require. */
export const ROLES = ['admin', 'asistente', 'monitor', 'auditor', 'dpo'] as const;

/** Normalises a role for comparison: trimmed, lower case, «administrador» as «admin». */
export function roleName(role: string): string {
  const name = role.trim().toLowerCase();
  return name === 'administrador' ? 'admin' : name;
}

/** The role that a categoria names, null if it names none. `dpo`: the data protection officer. */
export const roleOf = (categoria: string): string | null =>
  ROLES.find((role) => role === roleName(categoria)) ?? null;
