import type { hints as englishHints, reasons as english, types as englishTypes } from '../en/reasons.ts';

export const reasons: typeof english = {
  empty: () => 'El archivo está vacío.',
  workbook: () => 'El archivo es un libro de Excel o LibreOffice, o un zip: guárdelo como CSV.',
  'old-workbook': () => 'El archivo es un libro antiguo de Excel (.xls): guárdelo como CSV.',
  compressed: () => 'El archivo está comprimido: descomprímalo primero.',
  pdf: () => 'El archivo es un PDF: la lista tiene que venir en CSV.',
  'text-document': () => 'El archivo es un documento de texto: la lista tiene que venir en CSV.',
  'web-page': () => 'El archivo es una página web o un documento XML, no CSV ni NDJSON.',
  'json-array': () => 'El archivo es una lista JSON: NDJSON tiene un objeto en cada línea.',
  'json-object': () => 'El archivo es un objeto JSON de varias líneas: NDJSON tiene un objeto en cada línea.',
  'json-as-csv': () => 'El archivo tiene nombre de CSV pero contiene objetos JSON: nómbrelo .ndjson.',
  'csv-options': () =>
    'El archivo es NDJSON, cuyas fechas tienen la forma 2024-03-15: elija esa forma de las fechas.',
  'utf-16-unmarked': () => 'El archivo parece UTF-16 sin marca de orden: guárdelo como CSV UTF-8.',
  'no-text': () => 'El archivo no tiene ninguna línea con texto.',
  'no-header': () => 'La primera línea tiene que nombrar las columnas.',
  'columns-unnamed': ({ line, members }) =>
    `La línea ${line} no nombra las columnas: hace falta una cabecera con ${members}.`,
  'columns-missing': ({ members }) =>
    `Faltan columnas: ${members}. Cambie el nombre de las que las contienen.`,
  'identity-missing': ({ members }) => `Falta una columna con el id o el DNI: ${members}.`,
  'column-doubled': ({ columns, member }) =>
    `Las columnas ${columns} son ambas ${member}: quite una o cámbiele el nombre.`,
  'columns-unknown': ({ columns }) =>
    `padron no conoce la cabecera de las columnas ${columns}: cámbiela, o quite las columnas.`,
  'map-malformed': () => 'Una correspondencia de columnas es una cabecera y un campo de padron.',
  'map-doubled': () => 'Una correspondencia de columnas nombra cada cabecera una sola vez.',
  'map-unmatched': ({ wanted }) =>
    `Una correspondencia de columnas nombra un encabezado que el archivo no tiene: ${wanted}.`,
  'kind-of-columns': () =>
    'Las columnas pueden ser de usuarios o de personas: añada una que solo tengan unos u otras.',
  'kind-of-members': () =>
    'Los campos pueden ser de usuarios o de personas: añada uno que solo tengan unos u otras.',
  'upload-lost': () => 'La lista ya no se puede leer: impórtela de nuevo. Lo que se guardó se omite.',
  'upload-elsewhere': () =>
    'El servidor que tiene la lista no responde: arránquelo de nuevo, o cancele esta importación e importe la lista otra vez. Lo que se guardó se omite.',
  'upload-abandoned': () =>
    'El servidor que tiene la lista no volvió: importe la lista otra vez. Lo que se guardó se omite.',
  'line-too-long': ({ wanted }) => `tiene más de ${wanted} caracteres`,
  'not-decoded': () => 'tiene bytes que no son caracteres en la codificación del archivo',
  'not-an-object': () => 'no es un objeto JSON',
  'not-json': () => 'no es JSON',
  'cells-missing': () => 'no tiene tantas celdas como la cabecera',
  'cell-without-heading': ({ columns }) => `tiene un valor en la columna ${columns}, que no tiene cabecera`,
  'row-too-long': () => 'empieza una fila sin fin: unas comillas no se cierran',
  'quote-open': () => 'tiene unas comillas que no se cierran: el resto no se puede leer',
  'members-unknown': () => 'tiene campos que padron no conoce',
  'member-doubled': ({ member }) => `tiene dos veces ${member}, con dos nombres`,
  unusable: ({ member }) => `${member} no se puede usar`,
  'id-taken': () => 'el id es de otra persona, o se importó con otros valores',
  erased: () => 'los datos de esta persona se borraron, y no se importan de nuevo',
  contention: () => 'otras escrituras se adelantaron una y otra vez: importe esta línea de nuevo',
  locked: ({ members }) => `${members} no se puede cambiar con una importación`,
  'two-people': () => 'el id y el DNI son de dos personas',
  'id-differs': () => 'el DNI es de una persona con otro id',
  removed: () => 'se dio de baja del padrón',
  unknown: () => 'nadie en el padrón tiene este id o DNI',
  'removed-meanwhile': () => 'ya no está en el padrón',
  forbidden: () => 'esta cuenta no puede cambiarla',
  'busy-subject': () => 'otras escrituras se adelantaron una y otra vez: inténtelo de nuevo',
  stuck: () => 'no se puede cambiar: uno de sus eventos no se puede aplicar',
  required: ({ member }) => `${member} es obligatorio`,
  type: ({ member, wanted }) => `${member} debe ser ${wanted}`,
  minLength: ({ member }) => `${member} está vacío`,
  dni: ({ member }) => `${member} está vacío`,
  maxLength: ({ member, wanted }) => `${member} tiene más de ${wanted} caracteres`,
  minimum: ({ member, wanted }) => `${member} es menor que ${wanted}`,
  maximum: ({ member, wanted }) => `${member} es mayor que ${wanted}`,
  enum: ({ member, wanted }) => `${member} debe ser uno de ${wanted}`,
  email: ({ member }) => `${member} debe ser una dirección de correo`,
  date: ({ member }) => `${member} debe ser una fecha con la forma AAAA-MM-DD`,
  'date-time': ({ member }) => `${member} debe ser un instante como 2024-03-01T08:00:00Z`,
  'http-url': ({ member }) => `${member} debe ser una dirección http o https`,
  untrimmed: ({ member }) => `${member} empieza o termina con espacios`,
  'plain-text': ({ member }) => `${member} contiene caracteres de control`,
  'not-before': ({ member, wanted }) => `${member} es anterior a ${wanted}`,
  taken: ({ member }) => `${member} ya está en uso`,
};

export const types: typeof englishTypes = {
  string: 'un texto',
  number: 'un número',
  integer: 'un número entero',
  boolean: 'verdadero o falso',
  null: 'vacío',
};

export const hints: typeof englishHints = {
  'spreadsheet-error': 'la celda contiene un error',
  'digits-lost':
    'la hoja de cálculo ha recortado las cifras: dé formato de texto a la columna y escríbalas otra vez',
  'decimal-point': 'los decimales llevan punto, como en 12.5',
  'decimal-comma': 'los decimales llevan coma, como en 12,5',
  'decimal-point-or-group': 'los decimales llevan punto, como en 12.5, y los miles ningún separador',
  'decimal-comma-or-group': 'los decimales llevan coma, como en 12,5, y los miles ningún separador',
  'day-month-year': 'si es día/mes/año, elija 15/03/2024 como forma de las fechas',
  'year-of-two-digits': 'el año necesita cuatro cifras',
  'no-such-day': 'ese día no existe en el calendario',
  'line-break': 'la celda tiene un salto de línea (Alt+Intro): cámbielo por un espacio',
  'true-or-false': 'verdadero, falso, 1, 0, sí o no',
};

export const or: string = ' o ';
