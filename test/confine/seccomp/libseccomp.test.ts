import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { transformSync } from 'esbuild';
import { beforeEach, describe, expect, it } from 'vitest';
import { hostArchitecture } from '../../../src/linux/architectures.ts';
import { SYSCALLS } from '../../../src/linux/syscalls.ts';
import { ACTION_NAMES, errno, type Action } from '../../../src/confine/seccomp/actions.ts';
import { decode } from '../../../src/confine/seccomp/bpf.ts';
import { Filter, OPERATORS, type Comparison } from '../../../src/confine/seccomp/libseccomp.ts';
import { interpret } from '../../../src/confine/seccomp/interpret.ts';
import { realCalls } from '../../support/calls.ts';
import { needsLibseccomp } from '../../support/libseccomp.ts';

beforeEach(needsLibseccomp);

const ALLOW: Action = { name: 'ALLOW' };
const table = SYSCALLS[hostArchitecture()];
const openDescriptors = () => readdirSync('/proc/self/fd').length;

function made(build: (filter: Filter) => void, defaultAction: Action = ALLOW): Uint8Array {
  const filter = new Filter(defaultAction);
  try {
    build(filter);
    return filter.exportBpf();
  } finally {
    filter.release();
  }
}

describe('the program made by FFI', () => {
  /** The same rules in C. `default` shows that no rule is no accident. */
  const cases: [string, Action, [Action, string, Comparison[]][]][] = [
    ['one call', ALLOW, [[errno(13), 'getuid', []]]],
    [
      'every comparison',
      { name: 'KILL_PROCESS' },
      OPERATORS.map((op, argument): [Action, string, Comparison[]] => {
        const value = 0x1234_5678_9abc_def0n + BigInt(argument);
        const base = { argument: argument % 6, op, value };
        return [ALLOW, 'prctl', [op === 'MASKED_EQ' ? { ...base, masked: 0x10n } : base]];
      }),
    ],
    [
      'several arguments',
      errno(38),
      [
        [
          ALLOW,
          'mmap',
          [
            { argument: 1, op: 'LE', value: 4096n },
            { argument: 3, op: 'MASKED_EQ', value: 0xffn, masked: 2n },
          ],
        ],
        [{ name: 'TRACE', data: 77 }, 'clone', [{ argument: 0, op: 'EQ', value: 0xffff_ffff_ffff_ffffn }]],
      ],
    ],
    [
      'many calls',
      { name: 'TRAP' },
      Object.keys(table)
        .slice(0, 250)
        .map((name) => [ALLOW, name, []]),
    ],
    [
      'every action',
      errno(1),
      ACTION_NAMES.filter((name) => name !== 'NOTIFY').map((name, index) => {
        const action: Action = name === 'ERRNO' || name === 'TRACE' ? { name, data: 5 } : { name };
        return [action, Object.keys(table)[index] as string, []];
      }),
    ],
  ];

  const C_NAMES: Record<string, string> = {
    KILL_THREAD: 'SCMP_ACT_KILL_THREAD',
    KILL_PROCESS: 'SCMP_ACT_KILL_PROCESS',
  };
  const c = (action: Action) => {
    const name = C_NAMES[action.name] ?? `SCMP_ACT_${action.name}`;
    return 'data' in action ? `${name}(${action.data})` : name;
  };
  const OPS = { NE: 'NE', LT: 'LT', LE: 'LE', EQ: 'EQ', GE: 'GE', GT: 'GT', MASKED_EQ: 'MASKED_EQ' };

  it.each(cases)('is that of C: %s', (_, defaultAction, rules) => {
    const ours = made((filter) => {
      for (const rule of rules) filter.rule(...rule);
    }, defaultAction);
    const statements = rules.map(([action, name, comparisons]) => {
      const array = comparisons.map(
        ({ argument, op, value, masked = 0n }) =>
          `{${argument}, SCMP_CMP_${OPS[op]}, ${value}ULL, ${masked}ULL}`,
      );
      const list = `(struct scmp_arg_cmp[]){${array.join(', ')}${array.length ? '' : '{0}'}}`;
      return `  if (seccomp_rule_add_array(f, ${c(action)}, SCMP_SYS(${name}), ${array.length}, ${list})) return 1;`;
    });
    const source = `#include <seccomp.h>
int main(void) {
  scmp_filter_ctx f = seccomp_init(${c(defaultAction)});
  seccomp_attr_set(f, SCMP_FLTATR_CTL_OPTIMIZE, 2);
${statements.join('\n')}
  return seccomp_export_bpf(f, 1) ? 2 : 0;
}
`;
    expect(Buffer.from(ours).toString('hex')).toBe(compileAndRun(source));
  });

  function compileAndRun(source: string): string {
    const folder = mkdtempSync(join(tmpdir(), 'ring3-libseccomp-'));
    try {
      const [file, program] = [join(folder, 'filter.c'), join(folder, 'filter')];
      writeFileSync(file, source);
      execFileSync('cc', ['-o', program, file, '-lseccomp'], { stdio: 'pipe', timeout: 20_000 });
      return execFileSync(program, { timeout: 5000 }).toString('hex');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  beforeEach((context) => {
    const { status } = spawnSync('cc', ['-E', '-include', 'seccomp.h', '-x', 'c', '/dev/null'], {
      stdio: 'ignore',
    });
    if (status !== 0) context.skip('needs libseccomp-dev: `cc -include seccomp.h` failed');
  });
});

describe('what it does to a real call', () => {
  const getpid = table['getpid'] as number;
  const big = 0x1_0000_0005n;

  it.each<[Comparison['op'], bigint[], bigint[]]>([
    ['EQ', [big], [5n, big + 1n]],
    ['NE', [5n, big - 1n], [big]],
    ['GT', [big + 1n, 1n << 63n], [big, 6n]],
    ['GE', [big, 1n << 63n], [big - 1n, 0xffff_ffffn]],
    ['LT', [big - 1n, 0xffff_ffffn], [big, 1n << 63n]],
    ['LE', [big, 0n], [big + 1n, 1n << 63n]],
  ])('%s compares 64 bits, unsigned', (op, hits, misses) => {
    const program = made((filter) => filter.rule(errno(13), 'getpid', [{ argument: 2, op, value: big }]));
    const calls = [...hits, ...misses].map((value) => ({ nr: getpid, args: [0n, 0n, value] }));
    const expected = [...hits.map(() => true), ...misses.map(() => false)];
    expect(realCalls(program, calls).map((line) => line === 'errno 13')).toEqual(expected);
    const arch = hostArchitecture() === 'x86-64' ? 0xc000_003e : 0xc000_00b7;
    const simulated = calls.map(
      (call) => interpret(decode(program), { ...call, arch }).action.name === 'ERRNO',
    );
    expect(simulated).toEqual(expected);
  });

  it.each<[Action, string]>([
    [{ name: 'KILL_PROCESS' }, 'killed 31'],
    [{ name: 'KILL_THREAD' }, 'killed 31'],
    [{ name: 'TRAP' }, `trap ${getpid}`],
    [errno(4094), 'errno 4094'],
    [{ name: 'TRACE', data: 1 }, 'errno 38'],
  ])('%o', (action, expected) => {
    expect(
      realCalls(
        made((filter) => filter.rule(action, 'getpid')),
        [{ nr: getpid }],
      ),
    ).toEqual([expected]);
  });
});

describe('a filter', () => {
  it('leaves no descriptor open', () => {
    const before = openDescriptors();
    for (let round = 0; round < 10; round++) made((filter) => filter.rule(errno(1), 'getpid'));
    expect(openDescriptors()).toBe(before);
  });

  it('prints libseccomp’s own listing', () => {
    const filter = new Filter(ALLOW);
    filter.rule(errno(1), 'getpid');
    expect(filter.exportPfc()).toContain('filter for syscall "getpid"');
    filter.release();
  });

  it('can be for another architecture', () => {
    const other = hostArchitecture() === 'arm64' ? 'x86-64' : 'arm64';
    const filter = new Filter(errno(1), other);
    filter.rule(ALLOW, 'read');
    const program = decode(filter.exportBpf());
    filter.release();
    const arch = other === 'arm64' ? 0xc000_00b7 : 0xc000_003e;
    expect(interpret(program, { nr: SYSCALLS[other]['read'] as number, arch }).action.name).toBe('ALLOW');
    expect(interpret(program, { nr: table['read'] as number, arch: 0x4000_0003 }).action.name).toBe(
      'KILL_THREAD',
    );
  });

  it('knows calls that are newer than libseccomp, and says which it does not know', () => {
    const filter = new Filter(ALLOW);
    filter.rule(errno(1), 'file_setattr');
    const program = decode(filter.exportBpf());
    expect(program.some(({ k }) => k === 469)).toBe(true);
    expect(filter.knows('no_such_call')).toBe(false);
    expect(() => filter.rule(errno(1), 'no_such_call')).toThrow('there is no system call no_such_call');
    filter.release();
  });

  it('says what libseccomp objects to', () => {
    const filter = new Filter(ALLOW);
    expect(() => filter.rule(ALLOW, 'read')).toThrow(
      'libseccomp refuses ALLOW for read: the action is the default',
    );
    const twice: Comparison[] = [
      { argument: 1, op: 'NE', value: 1n },
      { argument: 1, op: 'NE', value: 2n },
    ];
    expect(() => filter.rule(errno(1), 'ioctl', twice)).toThrow('an argument is compared twice');
    filter.release();
    expect(() => filter.exportBpf()).toThrow('has been released');
  });

  it('is refused to worker threads', async () => {
    const source = readFileSync(new URL('../../../src/confine/seccomp/ffi.ts', import.meta.url), 'utf8');
    const code = `${transformSync(source, { loader: 'ts' }).code}
      import { parentPort } from 'node:worker_threads';
      try { parentPort.postMessage(libseccompVersion()); } catch (error) { parentPort.postMessage(error.message); }`;
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`));
    const message = await new Promise((resolve, reject) =>
      worker.once('message', resolve).once('error', reject),
    );
    await worker.terminate();
    expect(message).toContain('main thread only');
  });
});

it('names the packages when the library is missing', () => {
  const script = `import { loadLibseccomp } from './src/confine/seccomp/ffi.ts';
    try { loadLibseccomp('libno-such-seccomp.so'); } catch (error) { console.log(error.message); }`;
  const { stdout } = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  for (const name of ['apt install libseccomp2', 'dnf install libseccomp', 'apk add libseccomp']) {
    expect(stdout).toContain(name);
  }
});

it('numbers calls as our tables do', () => {
  const filter = new Filter(ALLOW);
  const unknown = Object.keys(table).filter((name) => !filter.knows(name));
  filter.release();
  expect(unknown).toEqual([]);
  const wrong = Object.entries(table).filter(([name, number]) => {
    const program = decode(made((one) => one.rule(errno(1), name)));
    return !program.some(({ code, k }) => code === 0x15 && k === number);
  });
  expect(wrong).toEqual([]);
});

it('has one importer of the FFI', () => {
  const source = readFileSync(new URL('../../../src/confine/seccomp/ffi.ts', import.meta.url), 'utf8');
  expect(source).toContain('ffi-napi');
  const sources = execFileSync('grep', ['-rlE', '--include=*.ts', "'(ffi|ref)-napi'", 'src'], {
    encoding: 'utf8',
  });
  expect(sources.trim()).toBe('src/confine/seccomp/ffi.ts');
});
