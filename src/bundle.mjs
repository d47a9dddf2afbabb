// `dist/bundle/main.js`: the command line and `ring3 run` in a few files, with what they use of node_modules.
//
// Node reads, checks and links every module by itself: the 300 files of an unbundled `ring3 run`, half of them zod's
// languages, took 120 ms, twice Node's own start. The other commands are loaded from `dist/cli` as they are.
import { build } from 'esbuild';

/** Commands are loaded when they are asked for and stay outside, all but `run`. */
const otherCommands = {
  name: 'other-commands',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/[a-z]+\.ts$/ }, ({ kind, importer, path }) => {
      if (kind !== 'dynamic-import' || !importer.endsWith('/cli/main.ts') || path === './run.ts')
        return undefined;
      return { path: path.replace('./', '../cli/').replace(/ts$/, 'js'), external: true };
    });
  },
};

await build({
  entryPoints: ['src/cli/main.ts'],
  // As deep below the package's root as src/cli is: modules find their package by where they stand.
  outdir: 'dist/bundle',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'eof',
  external: ['esbuild', 'ffi-napi', 'ref-napi', 'node-gyp-build'],
  plugins: [otherCommands],
  // commander is CommonJS and requires Node's modules.
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
  },
  logLevel: 'warning',
});
