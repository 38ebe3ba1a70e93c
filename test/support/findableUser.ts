/** A user whose texts occur nowhere else, so that whatever is left of them after an erasure is found by a search. */
export const FINDABLE_USER = {
  dni: '77665544Q',
  nombre: 'Wilhelmina',
  apellidos: 'Ñandúquez',
  email: 'wilhelmina@example.org',
  telefono: '655443322',
};

/** A telephone number like that, for an edit. */
export const FINDABLE_PHONE = '644332211';
