import type { asked as englishAsked, rules as english } from '../en/requests.ts';

export const rules: typeof english = {
  additionalProperties: ({ member }) => `Este servidor no conoce ${member}`,
  'x-minBytes': ({ member }) => `${member} es demasiado corto`,
  'x-maxBytes': ({ member }) => `${member} es demasiado largo`,
  moment: ({ member }) => `${member}: debe ser una fecha como 2026-01-01`,
  roll: ({ member }) => `${member}: debe ser un padrón guardado del mismo tipo`,
  future: ({ member }) => `${member}: no puede estar en el futuro; una fecha vale hasta el final de ese día`,
  cursor: () => 'Esta página es de otra búsqueda: vuelva a la primera',
  subject: ({ member }) => `${member}: debe tener la forma persona-5 o user-15`,
  limit: ({ member, wanted }) => `${member}: debe ser un número entero de 1 a ${wanted}`,
  revision: ({ member }) => `${member}: debe ser una revisión que haya tenido la persona`,
  confirm: ({ member }) => `${member}: debe ser el DNI actual de la persona`,
  personal: ({ member }) => `${member}: no puede nombrar a la persona, porque se conserva para siempre`,
  alone: ({ member, wanted }) => `${member}: no puede ir junto con ${wanted}`,
  'before-first': ({ member }) => `${member}: es anterior al alta de la persona`,
  'after-removal': ({ member }) => `${member}: es posterior a la baja de la persona`,
  'beyond-last': ({ member }) => `${member}: es posterior a la última revisión`,
};

export const asked: typeof englishAsked = {
  at: 'A fecha de',
  from: 'Desde',
  to: 'Hasta',
  q: 'Buscar',
  reason: 'El motivo',
  name: 'El nombre',
  revision: 'Revisión',
  subject: 'Sujeto',
  actor: 'Cuenta',
  activo: 'En activo',
  confirm: 'La confirmación',
  limit: 'El tamaño de la página',
};
