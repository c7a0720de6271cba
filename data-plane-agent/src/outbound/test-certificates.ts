import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, 'fixtures');
const read = (name: string) => readFileSync(join(folder, name), 'utf8');

/** Where the PEM files of the tests stand; `make-certificates.sh` there makes them. */
export const certificatePath = (name: string): string => join(folder, name);

/** PEM of a private authority, of servers for `localhost`, `127.0.0.1` and `upstream.example`, and of a client. */
export const certificates = {
  authority: read('authority.pem'),
  server: { cert: read('server.pem'), key: read('server.key') },
  secondServer: { cert: read('second-server.pem'), key: read('second-server.key') },
  client: { cert: read('client.pem'), key: read('client.key') },
};
