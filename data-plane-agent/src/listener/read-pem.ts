import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';

/** The PEM files of a TLS endpoint, as paths. */
export interface TlsFiles {
  certificate: string;
  key: string;
  /** Authorities of the other side's certificates. */
  clientCa?: string | undefined;
}

/** Their contents. */
export interface TlsMaterial {
  cert: string;
  key: string;
  ca?: string;
}

/** A certificate or key that cannot be used. The message names the setting and the file, never what stands in it. */
export class TlsFileError extends Error {
  override readonly name = 'TlsFileError';
  readonly code = 'tls_file_invalid';
}

/**
 * Reads certificate, key and authorities, and proves that they fit together.
 *
 * @param settings the names of the settings that the paths came from, for the error's sentence
 * @throws TlsFileError
 */
export function readTlsFiles(
  files: TlsFiles,
  settings: { certificate: string; key: string; clientCa: string },
): TlsMaterial {
  const material: TlsMaterial = {
    cert: readPem(files.certificate, settings.certificate),
    key: readPem(files.key, settings.key),
    ...(files.clientCa && { ca: readPem(files.clientCa, settings.clientCa) }),
  };
  try {
    createSecureContext(material);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new TlsFileError(
      `${settings.certificate} (${files.certificate}) and ${settings.key} (${files.key}) cannot be used together (${code}).`,
    );
  }
  return material;
}

/**
 * Reads one PEM file.
 *
 * @throws TlsFileError
 */
export function readPem(path: string, setting: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new TlsFileError(`${setting} names the file ${path}, which cannot be read (${code}).`);
  }
  if (!text.includes('-----BEGIN ')) {
    throw new TlsFileError(`${setting} names the file ${path}, which holds no PEM ("-----BEGIN ...").`);
  }
  return text;
}
