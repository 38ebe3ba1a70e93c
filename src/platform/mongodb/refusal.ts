import { MongoServerError, MongoServerSelectionError } from 'mongodb';

/** Codes of MongoDB's error_codes.yml. */
const UNAUTHORIZED = 13;
const AUTHENTICATION_FAILED = 18;

/** Codes of OpenSSL and Node.js for rejected certificates. */
const CERTIFICATE_CODES =
  /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|ERR_TLS_CERT_ALTNAME_INVALID/;

/** Why the server refuses for good, and what to do; null if waiting may help. Quotes codes and hosts. */
export function refusalOf(error: unknown): string | null {
  if (error instanceof MongoServerError) {
    if (error.code === AUTHENTICATION_FAILED) {
      return 'MongoDB does not accept the account: the name or password in MONGODB_URL is wrong, or its authSource is';
    }
    if (error.code === UNAUTHORIZED) {
      return 'the account in MONGODB_URL may not read and write its database: grant it the role readWrite on it';
    }
    return null;
  }
  const file = fileFault(error);
  if (file !== null) return `a file that MONGODB_URL names cannot be read (${file}): see tlsCAFile`;
  if (!(error instanceof MongoServerSelectionError)) return null;
  const codes = [...(error.reason?.servers.values() ?? [])].map((server) => certificateCode(server.error));
  const [code] = codes;
  // One node with a bad certificate is an outage of that node; all of them are a wrong setting.
  if (!code || codes.includes(null)) return null;
  return `the certificate of MongoDB is not accepted (${code}): set tlsCAFile in MONGODB_URL to the file of its certificate authority`;
}

/** The code of a file that could not be read; null for any other error. */
function fileFault(error: unknown): string | null {
  const { code = '', syscall = '' } = error as NodeJS.ErrnoException;
  return /^(?:open|read)$/.test(syscall) && /^E(?:NOENT|ACCES|PERM|ISDIR)$/.test(code) ? code : null;
}

/** The code of a rejected certificate in the chain of causes; null if there is none. */
function certificateCode(error: unknown): string | null {
  for (let one = error; one instanceof Error; one = one.cause) {
    const { code } = one as NodeJS.ErrnoException;
    if (typeof code === 'string' && CERTIFICATE_CODES.test(code)) return code;
  }
  return null;
}
