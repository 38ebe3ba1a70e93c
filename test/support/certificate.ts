import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from 'selfsigned';

export interface Certificate {
  key: string;
  certificate: string;
  /** The certificate's file, for clients that have to trust it. */
  file: string;
}

/** A self-signed certificate for localhost, valid for two days; written to `folder`. */
export async function selfSignedCertificate(folder: string): Promise<Certificate> {
  const notAfterDate = new Date(Date.now() + 2 * 24 * 60 * 60_000);
  const { private: key, cert: certificate } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keySize: 2_048,
    notAfterDate,
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] },
    ],
  });
  const file = join(folder, 'certificate.pem');
  writeFileSync(file, certificate);
  return { key, certificate, file };
}
