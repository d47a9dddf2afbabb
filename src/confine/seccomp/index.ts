/** What the floors above take from this room. */
export { actionOf, actionValue, printAction, type Action, type ActionName } from './actions.ts';
export { decode, encode, ProgramError, type Instruction } from './bpf.ts';
export { type Call } from './call.ts';
export { disassemble, printLine, printProgram, type Line } from './disassemble.ts';
export { interpret, interpretVerified, type Run } from './interpret.ts';
export { Filter, libseccompVersion, OPERATORS, type Comparison, type Operator } from './libseccomp.ts';
export { printTrace, trace, type Trace } from './trace.ts';
export { verify, type Fault } from './verify.ts';
