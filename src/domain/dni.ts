/**
 * The form in which two spellings of a DNI (or of another identity number) are the same one, for uniqueness and for every
 * lookup: NFKC, locale-free upper case, NFKC, minus White_Space, dashes (Pd), format characters (Cf) and full stops
 * (contract, section 3). Empty when nothing is left: such a DNI is no DNI. No checksum is demanded.
 */
export function normalDni(dni: string): string {
  // Nearly every DNI is plain: the four normalisation passes cost more than the rest of a lookup.
  if (/^[0-9A-Z]+$/.test(dni)) return dni;
  return dni
    .normalize('NFKC')
    .toUpperCase()
    .normalize('NFKC')
    .replace(/[\p{White_Space}\p{Pd}\p{Cf}.]/gu, '');
}
