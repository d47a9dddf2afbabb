/** A result as lines for a terminal: workloads down, targets across, in as many blocks as its width asks for. */
import { gapLines } from '../table.ts';
import { judge, type Bound, type Judgement } from './bounds.ts';
import type { MicroResult } from './result.ts';
import { summarizeMicro, type MicroCell } from './summary.ts';

const CELL = 17;
/** Of the cores that the run may use, when it began. */
const BUSY = 0.5;
/** The ring is no way to do the workload: it only stands beside it. */
const NO_RATIO = new Set(['plain', 'ring']);

export function microTable(result: MicroResult, width: number): string[] {
  const cells = summarizeMicro(result);
  if (cells.length === 0) return ['No sample was taken.', ...gapLines(result.targets)];
  const names = result.targets.map(({ name }) => name).filter((name) => cells.some(isOf(name)));
  const rowHead = Math.max(...result.workloads.map(({ name }) => name.length), 'workload'.length);
  const fit = Math.max(1, Math.floor((width - rowHead) / (CELL + 2)));
  return [
    ...headLines(result),
    ...chunks(names, fit).flatMap((block) => ['', ...blockLines(result, cells, block, rowHead)]),
    ...boundLines(judge(result)),
    ...gapLines(result.targets),
    ...failureLines(result),
  ];
}

function headLines({ machine, rounds, seed, sampleMs, usableCores }: MicroResult): string[] {
  const cut = rounds.done < rounds.asked ? ` (of ${rounds.asked}, interrupted)` : '';
  const spinning = usableCores === 1 ? '; one core only, so that nothing can spin' : '';
  const busy =
    machine.load > usableCores * BUSY
      ? ['Others kept the machine busy: what spins on a core suffers most.']
      : [];
  return [
    `An operation's time, and how many times plain's: medians of ${rounds.done} rounds${cut} after ${rounds.warmUp} to warm up, ${sampleMs} ms a sample, seed ${seed}`,
    `${machine.host}, Linux ${machine.kernel.split(' ')[0]}, ${machine.cores} × ${machine.cpu}, load ${machine.load.toFixed(2)}${spinning}`,
    ...busy,
  ];
}

const isOf =
  (target: string, workload?: string) =>
  (cell: MicroCell): boolean =>
    cell.target === target && (workload === undefined || cell.workload === workload);

function chunks<T>(items: readonly T[], size: number): T[][] {
  const starts = Array.from({ length: Math.ceil(items.length / size) }, (_, index) => index * size);
  return starts.map((start) => items.slice(start, start + size));
}

function blockLines(
  result: MicroResult,
  cells: readonly MicroCell[],
  targets: readonly string[],
  rowHead: number,
): string[] {
  const line = (head: string, row: readonly string[]): string =>
    [head.padEnd(rowHead), ...row.map((text) => text.padStart(CELL))].join('  ').trimEnd();
  const rows = result.workloads.flatMap(({ name }) => {
    const row = targets.map((target) => cells.find(isOf(target, name)));
    return row.some(Boolean) ? [line(name, row.map(cellText))] : [];
  });
  return [line('workload', targets), ...rows];
}

function cellText(cell: MicroCell | undefined): string {
  if (!cell) return '–';
  const time = duration(cell.ns.median);
  return NO_RATIO.has(cell.target) || !cell.ratio ? time : `${time} ${factor(cell.ratio.median).padStart(7)}`;
}

/** Three digits that count. */
export function duration(ns: number): string {
  const unit = [
    [1e6, 'ms'],
    [1e3, 'µs'],
    [1, 'ns'],
  ] as const;
  const [size, name] = unit.find(([least]) => ns >= least) ?? unit[2];
  return `${digits(ns / size)} ${name}`;
}

const factor = (ratio: number): string => `${digits(ratio)}×`;

function digits(value: number): string {
  if (Math.abs(value) >= 100) return value.toFixed(0);
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}

function boundLines(judgements: readonly Judgement[]): string[] {
  if (judgements.length === 0) return [];
  const rows = judgements.map(({ bound, value, met, sure }) => [
    bound.workload,
    boundText(bound),
    bound.per === undefined ? duration(value.median) : digits(value.median),
    `${met ? 'met' : 'missed'}${sure ? '' : ', within the noise'}`,
  ]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  return [
    '',
    ...rows.map((row) => row.map((text, column) => text.padEnd(widths[column] ?? 0)).join('  ')),
    '',
  ];
}

function boundText({ target, per, most, beyondRing, best }: Bound): string {
  const least = per === undefined ? duration(most) : `${most} × ${per}`;
  return `${target} ≤ ${beyondRing ? 'ring + ' : ''}${least}${best ? ' in the best round' : ''}`;
}

function failureLines({ failures }: MicroResult): string[] {
  const counted = new Map<string, { count: number; reason: string }>();
  for (const { workload, target, reason } of failures) {
    const name = `${workload} on ${target}`;
    counted.set(name, { count: (counted.get(name)?.count ?? 0) + 1, reason });
  }
  return [...counted].map(
    ([name, { count, reason }]) => `${name} failed${count > 1 ? ` ${count} times` : ''}: ${reason}`,
  );
}
