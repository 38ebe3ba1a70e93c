import type { PersonaRecord, UserRecord } from '../events/types.ts';

/** A person as answers show it: exactly the documented members. */
export const presentPersona = ({
  id,
  nombres,
  apellidos,
  telefono,
  dni,
  foto_url,
  created_at,
}: PersonaRecord): object => ({
  id,
  nombres,
  apellidos,
  telefono,
  dni,
  foto_url,
  created_at,
});

/** A user as answers to writes show it: exactly the documented members, in their order. */
export const presentUserWithCredentials = (record: UserRecord): object => ({
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

/**
 * A user as reads show it: without credentials. Spelled out, because omitting members from a copy
 * takes five times as long.
 */
export const presentUser = (record: UserRecord): object => ({
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
