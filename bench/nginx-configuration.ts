import { mockPort, nginxPort, workFolder } from './peer-targets.ts';

/** One worker, kept connections on both sides, nothing buffered: the least that a proxy can do. */
export function nginxConfiguration(): string {
  const temporaryPaths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `  ${name}_temp_path ${workFolder}/nginx-${name};`,
  );
  const lines = [
    `worker_processes 1; daemon off; pid ${workFolder}/nginx.pid; error_log stderr warn;`,
    'events { worker_connections 4096; }',
    'http {',
    '  access_log off; keepalive_requests 1000000000; client_body_buffer_size 64k;',
    ...temporaryPaths,
    `  upstream mock { server 127.0.0.1:${mockPort}; keepalive 512; keepalive_requests 1000000000; }`,
    `  server { listen 127.0.0.1:${nginxPort};`,
    '    location / { proxy_pass http://mock; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off; }',
    '  }',
    '}',
  ];
  return `${lines.join('\n')}\n`;
}
