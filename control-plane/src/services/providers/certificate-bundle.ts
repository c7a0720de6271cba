import { X509Certificate } from 'node:crypto';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/** Whether text is one or more certificates in PEM, with nothing but comments between them: no private key above all. */
export function isCertificateBundle(text: string): boolean {
  const certificates = text.match(CERTIFICATE);
  if (!certificates || text.replaceAll(CERTIFICATE, '').includes('-----')) return false;
  return certificates.every((certificate) => {
    try {
      return new X509Certificate(certificate).subject !== undefined;
    } catch {
      return false;
    }
  });
}
