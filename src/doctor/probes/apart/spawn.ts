/** Starts a child through the shim: `plain` as it is, `world` in the namespaces of a default run. */
import { execute } from '../../../confine/execute.ts';
import { becomeRoot, hostIdMaps } from '../../../confine/idmaps.ts';
import { DEFAULT_NAMESPACES, namespaceStep } from '../../../confine/namespaces.ts';
import type { StepInput } from '../../../confine/plan.ts';
import { answer } from './answer.ts';

const command: StepInput = {
  step: 'exec',
  file: 'true',
  argv: ['true'],
  env: [],
  search: ['/bin', '/usr/bin'],
};

function world(): StepInput[] {
  const maps = hostIdMaps();
  return [
    namespaceStep(DEFAULT_NAMESPACES),
    maps.step,
    { step: 'propagation', target: '/', type: 'private' },
    ...becomeRoot(maps),
    { step: 'mount', type: 'proc', target: '/proc', attributes: ['nosuid', 'nodev', 'noexec'] },
    { step: 'hostname', name: 'ring3' },
    { step: 'loopback' },
  ];
}

await answer(async () => {
  const steps = process.argv[2] === 'world' ? world() : [];
  const { exit } = await execute([...steps, command], { timeoutMs: 1500 });
  if (exit.code !== 0) throw new Error(`\`true\` ended with ${exit.code ?? exit.signal}`);
  return steps.length > 0 ? `\`true\` ran after ${steps.length} steps` : '`true` ran';
});
