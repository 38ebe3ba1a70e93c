/** A user whose texts occur nowhere else, so that a search finds any that remain after an erasure. */
export const FINDABLE_USER = {
  dni: '77665544Q',
  nombre: 'Wilhelmina',
  apellidos: 'Ñandúquez',
  email: 'wilhelmina@example.org',
  telefono: '655443322',
};

/** A telephone number that occurs nowhere else, for an edit. */
export const FINDABLE_PHONE = '644332211';
