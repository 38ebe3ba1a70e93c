import type { PERSONA_MEMBERS, ShownTo, USER_MEMBERS } from '../domain/members.ts';
import type { PersonaRecord, UserRecord } from '../events/types.ts';

/*
 * Spelled out, because picking members by name takes over ten times as long. The types follow from
 * the table of members, so a missing or additional member does not compile.
 */

/** A person as answers show it: exactly the documented members. */
export const presentPersona = ({
  id,
  nombres,
  apellidos,
  telefono,
  dni,
  foto_url,
  created_at,
}: PersonaRecord): Pick<PersonaRecord, ShownTo<typeof PERSONA_MEMBERS, 'always'>> => ({
  id,
  nombres,
  apellidos,
  telefono,
  dni,
  foto_url,
  created_at,
});

/** A user as answers to writes show it: exactly the documented members, in their order. */
export const presentUserWithCredentials = (
  record: UserRecord,
): Pick<UserRecord, ShownTo<typeof USER_MEMBERS, 'always' | 'to writers'>> => ({
  IdUsuario: record.IdUsuario,
  nombre: record.nombre,
  apellidos: record.apellidos,
  password: record.password,
  dni: record.dni,
  direccion: record.direccion,
  CP: record.CP,
  provincia: record.provincia,
  poblacion: record.poblacion,
  pais: record.pais,
  email: record.email,
  telefono: record.telefono,
  fechaalta: record.fechaalta,
  fechabaja: record.fechabaja,
  formadepago: record.formadepago,
  cuota: record.cuota,
  categoria: record.categoria,
  socio: record.socio,
  isVerified: record.isVerified,
  verificationCode: record.verificationCode,
  verificationExpires: record.verificationExpires,
});

/** A user as reads show it: without credentials. */
export const presentUser = (
  record: UserRecord,
): Pick<UserRecord, ShownTo<typeof USER_MEMBERS, 'always'>> => ({
  IdUsuario: record.IdUsuario,
  nombre: record.nombre,
  apellidos: record.apellidos,
  dni: record.dni,
  direccion: record.direccion,
  CP: record.CP,
  provincia: record.provincia,
  poblacion: record.poblacion,
  pais: record.pais,
  email: record.email,
  telefono: record.telefono,
  fechaalta: record.fechaalta,
  fechabaja: record.fechabaja,
  formadepago: record.formadepago,
  cuota: record.cuota,
  categoria: record.categoria,
  socio: record.socio,
  isVerified: record.isVerified,
});
