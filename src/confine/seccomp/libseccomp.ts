/** One seccomp filter in the making, through libseccomp: rules in, a classic BPF program out. */
import { closeSync, fstatSync, readSync } from 'node:fs';
import {
  AUDIT_ARCHITECTURES,
  hostArchitecture,
  type Architecture,
  type AuditArchitecture,
} from '../../linux/architectures.ts';
import { errnoName } from '../../linux/errno.ts';
import { syscallNumber } from '../../linux/syscalls.ts';
import { actionValue, printAction, type Action } from './actions.ts';
import { createMemoryFile, loadLibseccomp, type Libseccomp, type Pointer } from './ffi.ts';

/** `MASKED_EQ`: (argument & value) == masked. All compare 64 bits, unsigned (seccomp_rule_add(3)). */
export const OPERATORS = ['NE', 'LT', 'LE', 'EQ', 'GE', 'GT', 'MASKED_EQ'] as const;
export type Operator = (typeof OPERATORS)[number];

export interface Comparison {
  /** 0 to 5. */
  argument: number;
  op: Operator;
  /** For MASKED_EQ: the mask. */
  value: bigint;
  /** For MASKED_EQ: what the mask must leave. */
  masked?: bigint;
}

/** What libseccomp calls an architecture: audit's numbers, and one of its own for x32, which audit has none for. */
export type FilterArchitecture = AuditArchitecture | 'x32';
const tokens: Record<FilterArchitecture, number> = { ...AUDIT_ARCHITECTURES, x32: 0x4000_003e };

/** enum scmp_filter_attr of seccomp.h. */
const BAD_ARCHITECTURE = 2;
const OPTIMIZE = 8;
const BINARY_TREE = 2;
/** __NR_SCMP_ERROR. Other numbers below zero are calls that this architecture lacks and another has. */
const NO_SUCH_CALL = -1;

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'the action is the default action already',
  EINVAL: 'an argument is compared twice, or a number is out of range',
  EEXIST: 'it is there already',
  EDOM: 'it does not fit every architecture of the filter',
  EOPNOTSUPP: 'this kernel does not know the action',
};

/** `code` is an errno's name. */
export class LibseccompError extends Error {
  override name = 'LibseccompError';
  code: string;

  constructor(what: string, code: string) {
    super(`libseccomp refuses ${what}: ${REASONS[code] ?? code}`);
    this.code = code;
  }
}

function check(what: string, result: number): void {
  if (result < 0) throw new LibseccompError(what, errnoName(-result) ?? `error ${-result}`);
}

/** struct scmp_arg_cmp[]: unsigned arg; enum op; uint64_t datum_a, datum_b. */
function comparisonArray(comparisons: readonly Comparison[]): Buffer | null {
  if (comparisons.length === 0) return null;
  const array = Buffer.alloc(24 * comparisons.length);
  for (const [index, { argument, op, value, masked = 0n }] of comparisons.entries()) {
    array.writeUInt32LE(argument, 24 * index);
    array.writeUInt32LE(OPERATORS.indexOf(op) + 1, 24 * index + 4);
    array.writeBigUInt64LE(value, 24 * index + 8);
    array.writeBigUInt64LE(masked, 24 * index + 16);
  }
  return array;
}

/** scmp_filter_ctx. Release it. */
export class Filter {
  private library: Libseccomp;
  private context: Pointer | undefined;
  private architectures: Set<FilterArchitecture>;

  /**
   * @param defaultAction for calls that no rule names
   * @param architecture the one that the filter is for; `addArchitecture` lets in others
   */
  constructor(defaultAction: Action, architecture: Architecture = hostArchitecture()) {
    this.library = loadLibseccomp();
    this.context = this.library.seccomp_init(actionValue(defaultAction));
    if (this.context.isNull()) throw new LibseccompError(`default ${printAction(defaultAction)}`, 'EINVAL');
    const host = hostArchitecture();
    this.architectures = new Set([host]);
    if (architecture !== host) {
      this.addArchitecture(architecture);
      check(`a filter without ${host}`, this.library.seccomp_arch_remove(this.use(), tokens[host]));
      this.architectures.delete(host);
    }
    // A binary tree over the numbers: some 9 comparisons a call, not 300. Before 2.5.0 it is a list.
    this.library.seccomp_attr_set(this.use(), OPTIMIZE, BINARY_TREE);
  }

  /** What a call of any other architecture gets, x32 included. libseccomp's own default is KILL_THREAD. */
  setBadArchitecture(action: Action): void {
    const what = `${printAction(action)} for other architectures`;
    check(what, this.library.seccomp_attr_set(this.use(), BAD_ARCHITECTURE, actionValue(action)));
  }

  /** Let calls of this architecture in, under the same rules. Before the first rule. */
  addArchitecture(architecture: FilterArchitecture): void {
    if (this.architectures.has(architecture)) return;
    const result = this.library.seccomp_arch_add(this.use(), tokens[architecture]);
    check(`architecture ${architecture}`, result);
    this.architectures.add(architecture);
  }

  /** Whether the name means a call on some architecture. */
  knows(syscall: string): boolean {
    return this.number(syscall) !== undefined;
  }

  /**
   * This action for a call whose arguments fulfil all comparisons; each argument can be compared once.
   * The order of rules means nothing. Of one call, a rule without comparisons swallows all others, silently.
   * A call that the only architecture lacks needs no rule.
   * @throws LibseccompError; Error when there is no such call anywhere
   */
  rule(action: Action, syscall: string | number, comparisons: readonly Comparison[] = []): void {
    const number = typeof syscall === 'number' ? syscall : this.number(syscall);
    if (number === undefined) throw new Error(`there is no system call ${syscall}`);
    if (number < 0 && this.architectures.size === 1) return;
    const array = comparisonArray(comparisons);
    const value = actionValue(action);
    const add = this.library.seccomp_rule_add_array;
    check(`${printAction(action)} for ${syscall}`, add(this.use(), value, number, comparisons.length, array));
  }

  /** The program, eight bytes an instruction (struct sock_filter). */
  exportBpf(): Uint8Array {
    return this.export('the program', (fd) => this.library.seccomp_export_bpf(this.use(), fd));
  }

  /** libseccomp's own listing, "pseudo filter code". */
  exportPfc(): string {
    return Buffer.from(
      this.export('the listing', (fd) => this.library.seccomp_export_pfc(this.use(), fd)),
    ).toString('utf8');
  }

  release(): void {
    if (this.context) this.library.seccomp_release(this.context);
    this.context = undefined;
  }

  private use(): Pointer {
    if (!this.context) throw new Error('this filter has been released');
    return this.context;
  }

  /**
   * Rules carry the host's numbers, which libseccomp translates by name for other architectures. Calls newer than the
   * library have the same number everywhere, so that our own table can help out.
   */
  private number(syscall: string): number | undefined {
    const number = this.library.seccomp_syscall_resolve_name(syscall);
    if (number !== NO_SUCH_CALL) return number;
    const only = [...this.architectures];
    return only.length === 1 && only[0] === hostArchitecture() ? syscallNumber(only[0], syscall) : undefined;
  }

  private export(what: string, write: (fd: number) => number): Uint8Array {
    const fd = createMemoryFile('seccomp');
    try {
      check(`to export ${what}`, write(fd));
      const bytes = new Uint8Array(fstatSync(fd).size);
      readSync(fd, bytes, 0, bytes.length, 0);
      return bytes;
    } finally {
      closeSync(fd);
    }
  }
}

export { libseccompVersion } from './ffi.ts';
