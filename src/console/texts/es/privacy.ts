import type { privacy as english } from '../en/privacy.ts';

export const privacy: typeof english = {
  privacy: {
    title: 'Privacidad',
    lead: 'Solicitudes de acceso y de supresión: todo lo que consta de una persona, exportado o destruido.',
    kind: 'Tipo',
    userKey: 'DNI, o user-15',
    personaKey: 'Id de la persona',
    erasures: 'Borrados',
    none: 'Aún no se han borrado los datos de nadie.',
  },
  certificate: {
    title: 'Certificado de borrado',
    subject: 'Sujeto',
    erasedAt: 'Fecha',
    by: 'Realizado por',
    erasure: 'Borrado',
    keys: 'Claves destruidas (huellas)',
    events: 'Ninguna clave abre lo que decía el historial.',
    views: 'Ninguna vista contiene a la persona.',
    keyStore: 'El almacén de claves deja constancia de la destrucción.',
    save: 'Guardar el certificado',
  },
};
