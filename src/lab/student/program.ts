/** The text of the program that a submission's process runs (host.ts), made once from the source or the built file. */
import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';

let text: Promise<string> | undefined;

async function bundle(): Promise<string> {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const result = await build({
    entryPoints: [fileURLToPath(new URL(`./host.${extension}`, import.meta.url))],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'silent',
  });
  return result.outputFiles[0]?.text ?? '';
}

export function hostProgram(): Promise<string> {
  return (text ??= bundle());
}
