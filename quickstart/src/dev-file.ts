import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StartupError } from './startup-error.ts';

/** `.bonito/dev.json`: where everything is, and the credentials that the first start made. */
export interface DevFile {
  controlPlaneUrl: string;
  agentUrl: string;
  agentAdminUrl: string;
  organizationId: string;
  adminToken: string;
  apiKey: string;
  orgToken: string;
}

/**
 * What an earlier start wrote; empty at the first.
 *
 * @throws StartupError when the file is not JSON
 */
export function readDevFile(folder: string): Partial<DevFile> {
  const path = join(folder, 'dev.json');
  if (!existsSync(path)) return {};
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    throw new StartupError(`${path} is not JSON. Mend it, or remove ${folder} to start anew.`);
  }
}

/** Writes the file whole or not at all, readable by its owner only. */
export function writeDevFile(folder: string, content: Partial<DevFile>): void {
  const path = join(folder, 'dev.json');
  writeFileSync(`${path}.new`, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
