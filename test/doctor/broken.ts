/** Doctor run in a world in which one thing does not work (break.c). */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Report } from '../../src/doctor/index.ts';
import { program } from '../support/programs.ts';

const project = fileURLToPath(new URL('../../', import.meta.url));

/** An ordinary user who need not exist here: passwd(5) and subuid(5) say so in a mount namespace only. */
const USER = { name: 'ring3-probed', uid: 54321 };

export interface DoctorRun {
  status: number;
  report: Report;
}

/** Runs the built `ring3 doctor --json` after the steps of break.c. Throws when it printed no report. */
export function doctorAfter(steps: readonly string[]): Promise<DoctorRun> {
  const doctor = [process.execPath, join(project, 'dist/cli/main.js'), 'doctor', '--json'];
  const [file = '', ...args] =
    steps.length === 0 ? doctor : [program('test/doctor/break.c'), ...steps, '--', ...doctor];
  return new Promise((resolve, reject) => {
    execFile(file, args, { cwd: project, timeout: 110_000, maxBuffer: 1 << 22 }, (error, stdout, stderr) => {
      try {
        resolve({ status: (error?.code as number | undefined) ?? 0, report: JSON.parse(stdout) as Report });
      } catch {
        reject(new Error(`no report after ${steps.join(' ')}: ${stderr || error?.message}`));
      }
    });
  });
}

const baselines = new Map<string, Promise<DoctorRun>>();

/** What doctor says after steps that break nothing; asked once. */
export function baselineAfter(steps: readonly string[]): Promise<DoctorRun> {
  const key = steps.join('\0');
  const known = baselines.get(key) ?? doctorAfter(steps);
  baselines.set(key, known);
  return known;
}

export interface Difference {
  /** Changed, and blamed on nothing else. */
  named: string[];
  /** Changed, with the probe that is blamed. */
  resting: Record<string, string>;
}

export function difference(before: Report, after: Report): Difference {
  const was = new Map(before.probes.map(({ id, ok }) => [id, ok]));
  const changed = after.probes.filter(({ id, ok }) => was.get(id) !== ok);
  const resting = changed.filter(({ because }) => because !== undefined);
  return {
    named: changed.filter(({ because }) => because === undefined).map(({ id }) => id),
    resting: Object.fromEntries(resting.map(({ id, because }) => [id, because ?? ''])),
  };
}

/** The steps that make us an ordinary user with a range of ids; `remove` when done. */
export function ordinaryUser(): { steps: string[]; uid: number; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'ring3-doctor-user-'));
  const range = `${USER.name}:200000:65536\n`;
  const files = {
    '/etc/passwd': `${readFileSync('/etc/passwd', 'utf8')}${USER.name}:x:${USER.uid}:${USER.uid}::/tmp:/bin/sh\n`,
    '/etc/subuid': range,
    '/etc/subgid': range,
  };
  const binds = Object.entries(files).flatMap(([path, content]) => {
    const copy = join(folder, path.replaceAll('/', '-'));
    writeFileSync(copy, content, { mode: 0o644 });
    return ['bind', copy, path];
  });
  return {
    steps: ['mounts', ...binds],
    uid: USER.uid,
    remove: () => rmSync(folder, { recursive: true }),
  };
}
