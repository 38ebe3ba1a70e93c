import { describeIssueInSpanish } from '../../presentation/issueTexts.ts';
import { exactly } from '../../presentation/schemas.ts';
import { REQUEST_ERRORS, type ErrorStyle, type RequestError, type RequestErrorCode } from './errors.ts';
import { text, type DialectAnswer, type ErrorDialect } from './errorDialect.ts';

/** Errors under /api/personas: Spanish, with `message` and one entry of `errors` per faulty member. */
export const personasDialect: ErrorDialect = {
  contentType: 'application/json',
  schemaName: 'PersonasError',
  schema: {
    type: 'object',
    description: 'An error of a route under /api/personas; the header Problem-Code has its code.',
    properties: { message: text, errors: { type: 'array', items: exactly({ path: text, message: text }) } },
    required: ['message'],
    additionalProperties: false,
  },
  answer,
};

const MESSAGES: Partial<Record<RequestErrorCode, string>> = {
  unauthorized: 'Token inválido o expirado',
  forbidden: 'No autorizado',
  'not-found': 'Persona no encontrada',
  erased: 'Los datos de esta persona se han borrado',
  'no-such-path': 'Ruta no encontrada',
  'method-not-allowed': 'Método no permitido',
  'too-many-requests': 'Demasiadas solicitudes',
  'not-sealed': 'No se puede borrar a nadie: el registro no está sellado',
};

function answer({ code, faults }: RequestError, { failureMessage }: ErrorStyle): DialectAnswer {
  const message = MESSAGES[code] ?? failureMessage;
  const errors = faults.map((fault) => ({ path: fault.path, message: describeIssueInSpanish(fault) }));
  return { status: REQUEST_ERRORS[code], body: errors.length > 0 ? { message, errors } : { message } };
}
