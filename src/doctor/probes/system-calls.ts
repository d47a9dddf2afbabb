/** Every way that a guest's system call can be turned aside: seccomp, ptrace, user dispatch. */
import type { ProbeDefinition } from '../result.ts';
import { nativeProbe } from './native.ts';

const group = 'system calls';

export const systemCallProbes: ProbeDefinition[] = [
  nativeProbe({
    id: 'seccomp.filter',
    title: 'seccomp filter',
    group,
    neededBy: [5, 7, 9, 17, 18],
    why: 'the kernel refuses calls before their code runs',
    restsOn: () => ['no-new-privileges'],
  }),
  nativeProbe({
    id: 'seccomp.user-notification',
    title: 'seccomp user notification',
    group,
    neededBy: [9],
    why: 'a supervisor answers a call in the place of the kernel',
    restsOn: () => ['no-new-privileges', 'seccomp.filter'],
  }),
  nativeProbe({
    id: 'seccomp.trap',
    title: 'seccomp trap (SIGSYS)',
    group,
    neededBy: [17, 18],
    why: 'the guest answers its own call in a signal handler, in the same address space',
    restsOn: () => ['no-new-privileges', 'seccomp.filter'],
  }),
  nativeProbe({
    id: 'syscall-user-dispatch',
    title: 'system call user dispatch',
    group,
    neededBy: [],
    why: 'as the trap, switched by a byte in memory; shown beside it on the chart',
  }),
  nativeProbe({
    id: 'ptrace',
    title: 'ptrace',
    group,
    neededBy: [8, 10],
    why: 'a tracer stops its guest at each call, and changes it',
  }),
  nativeProbe({
    id: 'ptrace.sysemu',
    title: 'PTRACE_SYSEMU',
    group,
    neededBy: [],
    why: 'one stop a call in place of two, and the kernel leaves the call out',
    restsOn: () => ['ptrace'],
    otherwise: () => 'PTRACE_SYSCALL, with two stops a call',
  }),
  nativeProbe({
    id: 'process-vm',
    title: "reading another process's memory",
    group,
    neededBy: [8, 9],
    why: "a supervisor reads its guest's arguments with process_vm_readv",
  }),
];
