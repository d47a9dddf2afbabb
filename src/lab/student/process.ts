/** The best wall that this host gives, found out once by trying. */
import type { Launch, StudentProcess } from './launch.ts';
import { launchPlain } from './plain.ts';
import { launchWalled } from './walled.ts';

type Launcher = (launch: Launch) => Promise<StudentProcess>;

let chosen: Launcher | undefined;

function ladder(): Launcher[] {
  const reasons: string[] = [];
  const noting = (launcher: Launcher) => async (launch: Launch) => {
    try {
      return await launcher(launch);
    } catch (error) {
      reasons.push((error as Error).message.split('\n', 1)[0] ?? '');
      throw error;
    }
  };
  const walled = (user: boolean, cgroup: boolean, lacks = '') =>
    noting((launch) => launchWalled(launch, { user, cgroup }, lacks ? [`${lacks}: ${reasons[0]}`] : []));
  const noUser = 'the submission ran without a user namespace';
  return [
    walled(true, true),
    walled(true, false),
    ...(process.geteuid?.() === 0 ? [walled(false, false, noUser)] : []),
    (launch) => launchPlain(launch, reasons[0] ?? 'this host refused more'),
  ];
}

/** Start a submission's process. Where the host refuses a wall, the next weaker one is taken, and says so. */
export async function launchStudent(launch: Launch): Promise<StudentProcess> {
  if (chosen) return chosen(launch);
  const launchers = ladder();
  for (const launcher of launchers) {
    try {
      const student = await launcher(launch);
      chosen = launcher;
      return student;
    } catch (error) {
      if (launcher === launchers.at(-1)) throw error;
    }
  }
  throw new Error('there is always the plain launcher');
}
