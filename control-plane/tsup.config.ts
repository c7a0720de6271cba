import { defineConfig } from 'tsup';

export default defineConfig({
  entry: ['src/main.ts', 'src/migrate.ts', 'src/raise-epoch.ts', 'src/rotate-signing-key.ts'],
  format: 'esm',
  target: 'node24',
  sourcemap: true,
  clean: true,
  noExternal: [/^@bonito\//],
});
