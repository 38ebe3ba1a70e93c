import type { PersonaRecord, UserRecord } from '../../events/types.ts';
import { foldText } from '../../validation/foldText.ts';
import type { ImportKind } from '../list/listLine.ts';

/**
 * The headings accepted for each member besides its own name; docs/how-to/import.md lists them. In
 * the form of `plainHeading`: lower case, without accents, spaces, underscores and punctuation.
 */
const USER_HEADINGS: Record<keyof UserRecord, readonly string[]> = {
  IdUsuario: ['id', 'nsocio', 'nosocio', 'numsocio', 'numerosocio', 'numdesocio', 'numerodesocio', 'idsocio'],
  nombre: ['nombres', 'nombredepila'],
  apellidos: ['apellido'],
  password: ['passwordhash'],
  dni: ['nif', 'nie', 'dninie', 'dninif', 'nifnie', 'documento', 'documentodeidentidad', 'numdocumento'],
  direccion: ['domicilio', 'calle', 'direccionpostal'],
  CP: ['codigopostal', 'codpostal', 'cpostal'],
  provincia: [],
  poblacion: ['localidad', 'municipio', 'ciudad'],
  pais: [],
  email: ['correo', 'correoelectronico', 'mail'],
  telefono: ['tel', 'tlf', 'tfno', 'telf', 'movil', 'telefonomovil', 'telefonofijo', 'telefonos'],
  fechaalta: ['fechadealta', 'alta', 'falta', 'fechaalt'],
  fechabaja: ['fechadebaja', 'baja', 'fbaja'],
  formadepago: ['formapago', 'metododepago', 'mododepago', 'pago'],
  cuota: ['importe', 'importecuota', 'cuotaanual'],
  categoria: ['tipo', 'tiposocio', 'tipodesocio'],
  socio: ['essocio'],
  isVerified: ['verificado'],
  verificationCode: ['codigoverificacion', 'codigodeverificacion'],
  verificationExpires: [],
};

const PERSONA_HEADINGS: Record<keyof PersonaRecord, readonly string[]> = {
  id: ['idpersona'],
  nombres: ['nombre', 'nombredepila'],
  apellidos: USER_HEADINGS.apellidos,
  telefono: USER_HEADINGS.telefono,
  dni: USER_HEADINGS.dni,
  foto_url: ['foto', 'urlfoto', 'fotografia'],
  cuenta: [],
  created_at: ['fecharegistro', 'fechaderegistro', 'fechacreacion', 'fechadecreacion'],
};

export const HEADINGS: Record<ImportKind, Record<string, readonly string[]>> = {
  users: USER_HEADINGS,
  personas: PERSONA_HEADINGS,
};

/** Longest heading that is compared, in UTF-16 units. */
const MAX_HEADING = 400;

/** A heading without the parts that do not count: case, accents, spaces, underscores, punctuation. */
export function plainHeading(heading: string): string {
  const text = heading.trim();
  // Nobody means a member by it, and normalising takes time quadratic in the length.
  if (text.length > MAX_HEADING) return text;
  return foldText(text).replace(/[^\p{L}\p{N}]/gu, '');
}

const BY_HEADING: Record<ImportKind, ReadonlyMap<string, string>> = {
  users: membersByHeading(USER_HEADINGS),
  personas: membersByHeading(PERSONA_HEADINGS),
};

function membersByHeading(headings: Record<string, readonly string[]>): ReadonlyMap<string, string> {
  const pairs = Object.entries(headings).flatMap(([member, others]) =>
    [plainHeading(member), ...others].map((heading) => [heading, member] as const),
  );
  return new Map(pairs);
}

/** The member of a column with this heading; null if it is unknown. */
export const memberFor = (kind: ImportKind, heading: string): string | null =>
  BY_HEADING[kind].get(plainHeading(heading)) ?? null;
