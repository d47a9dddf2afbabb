/** All rows by the call's name. */
import { events } from './calls/events.ts';
import { files } from './calls/files.ts';
import { memory } from './calls/memory.ts';
import { processes } from './calls/processes.ts';
import { signals } from './calls/signals.ts';
import { sockets } from './calls/sockets.ts';
import { system } from './calls/system.ts';
import { rowOf, type CallRow } from './row.ts';
import { hexadecimal } from './values.ts';

/** Nobody has described it: all six registers. */
const UNKNOWN: CallRow = { arguments: Array.from({ length: 6 }, () => hexadecimal) };

const ROWS: ReadonlyMap<string, CallRow> = new Map(
  [events, files, memory, processes, signals, sockets, system]
    .flatMap((family) => Object.entries(family))
    .map(([name, entry]) => [name, rowOf(entry)]),
);

export function traceRow(name: string): CallRow {
  return ROWS.get(name) ?? UNKNOWN;
}
