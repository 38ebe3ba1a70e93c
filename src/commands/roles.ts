/** The roles that routes are open to (contract, section 1). */
export const ROLES = ['admin', 'asistente', 'monitor', 'auditor'] as const;

/** A role as it is compared: trimmed, lower-case, «administrador» spelled «admin» (contract, section 1). */
export function roleName(role: string): string {
  const name = role.trim().toLowerCase();
  return name === 'administrador' ? 'admin' : name;
}
