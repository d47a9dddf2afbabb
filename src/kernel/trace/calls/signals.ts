/** Signals. */
import { counted, oneOf } from '../names.ts';
import { late, type TraceFamily } from '../row.ts';
import {
  action,
  actionOut,
  setText,
  showStack,
  signal,
  signalSet,
  signalSetOut,
} from '../structs/signals.ts';
import { timespec } from '../structs/time.ts';
import { filled, given, integer, pointer, size } from '../values.ts';

const HOW = oneOf(counted('SIG_BLOCK', 'SIG_UNBLOCK', 'SIG_SETMASK'));

export const signals: TraceFamily = {
  rt_sigaction: [signal, action, actionOut, size],
  rt_sigprocmask: [HOW, signalSet, signalSetOut, size],
  rt_sigpending: [signalSetOut, size],
  rt_sigsuspend: [signalSet, size],
  rt_sigtimedwait: [signalSet, pointer, timespec, size],
  rt_sigqueueinfo: [integer, signal, pointer],
  rt_sigreturn: [late((_value, { task }) => `{mask=${setText(task.mask.low, task.mask.high)}}`)],
  sigaltstack: [given(showStack), filled(showStack)],
  kill: [integer, signal],
  tkill: [integer, signal],
  tgkill: [integer, integer, signal],
  pause: [],
  rt_tgsigqueueinfo: [integer, integer, signal, pointer],
  signalfd: [integer, signalSet, size],
  signalfd4: [integer, signalSet, size, integer],
};
