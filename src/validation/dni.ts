/** Longest DNI in UTF-16 units: 200 characters. */
const MAX_DNI_UNITS = 400;

/**
 * Normalises a DNI (or other identity number) for uniqueness and lookup: NFKC, upper case in no
 * locale, NFKC again, then without White_Space, dashes (Pd), format characters (Cf) and full stops.
 * Returns '' if nothing remains: such a DNI is invalid. Checks no checksum.
 */
export function normalDni(dni: string): string {
  // Most DNIs are plain; the four passes would cost more than the rest of a lookup.
  if (/^[0-9A-Z]+$/.test(dni)) return dni;
  // Nobody can have it, and normalising takes time quadratic in the length.
  if (dni.length > MAX_DNI_UNITS) return dni;
  return dni
    .normalize('NFKC')
    .toUpperCase()
    .normalize('NFKC')
    .replace(/[\p{White_Space}\p{Pd}\p{Cf}.]/gu, '');
}
