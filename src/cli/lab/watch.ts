import { Command } from 'commander';
import { watch as watchFolder, type FSWatcher } from 'node:fs';
import { basename, relative } from 'node:path';
import pc from 'picocolors';
import { findLab, labs, type Lab } from '../../lab/catalog.ts';
import { UserError } from '../../lab/error.ts';
import { labText } from '../../lab/formats/text.ts';
import { checkLab } from './check.ts';
import { handled, inWorkspace, openWorkspace, type ChosenLab, type LabContext } from './context.ts';
import { currentTask, nextHint } from './hint.ts';
import { reset } from './reset.ts';

const KEYS = 'n next · p previous · h hint · c check all · r reset · q quit';
/** Editors write a file in several steps. */
const SETTLE_MS = 150;

/** One screen: the lab at hand, its last result, the keys. */
class Watch {
  private context: LabContext;
  private all: Lab[];
  private at: number;
  private watcher: FSWatcher | undefined;
  private timer: NodeJS.Timeout | undefined;
  private busy = false;
  private again = false;
  private confirming = false;
  private done: () => void = () => {};

  constructor(context: LabContext, all: Lab[], at: number) {
    this.context = context;
    this.all = all;
    this.at = at;
  }

  async run(): Promise<void> {
    const { stdin } = process;
    stdin.setRawMode(true);
    stdin.setEncoding('utf8');
    const onKeys = (text: string) => [...text].forEach((key) => this.onKey(key));
    stdin.on('data', onKeys);
    try {
      await new Promise<void>((resolve) => {
        this.done = resolve;
        this.open();
      });
    } finally {
      this.watcher?.close();
      clearTimeout(this.timer);
      stdin.off('data', onKeys);
      stdin.setRawMode(false);
      stdin.pause();
    }
  }

  private get chosen(): ChosenLab {
    return inWorkspace(this.context, this.all[this.at] as Lab);
  }

  private open(): void {
    const { file, root } = this.chosen;
    this.watcher?.close();
    this.watcher = watchFolder(root, (_event, name) => {
      if (name !== null && name !== basename(file) && !name.endsWith('.ts')) return;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.check(), SETTLE_MS);
    });
    this.check();
  }

  private check(): void {
    if (this.busy) {
      this.again = true;
      return;
    }
    const { chosen } = this;
    void this.task(async () => {
      this.screen(pc.dim(`checking ${relative(process.cwd(), chosen.file)} …`));
      const result = await checkLab(chosen);
      if (this.chosen.file === chosen.file) this.screen(labText(result));
    });
  }

  /** One thing at a time; a change that comes meanwhile is checked afterwards. */
  private async task(work: () => Promise<void>): Promise<void> {
    this.busy = true;
    try {
      await work();
    } catch (error) {
      this.screen(pc.red((error as Error).message));
    }
    this.busy = false;
    if (this.again) {
      this.again = false;
      this.check();
    }
  }

  private checkAll(): void {
    if (this.busy) return;
    void this.task(async () => {
      const lines: string[] = [];
      for (const lab of this.all) {
        this.screen([...lines, pc.dim(`checking lab ${lab.manifest.number} …`)].join('\n'));
        const { number, title, score, max_score } = await checkLab(inWorkspace(this.context, lab));
        lines.push(`Lab ${number}: ${title}  ${score}/${max_score}`);
      }
      this.screen(lines.join('\n'));
    });
  }

  private screen(body: string): void {
    process.stdout.write(`\u001b[2J\u001b[H${body}\n\n${pc.dim(KEYS)}\n`);
  }

  private move(by: number): void {
    const next = this.at + by;
    if (next < 0 || next >= this.all.length) return;
    this.at = next;
    this.open();
  }

  private onKey(key: string): void {
    if (this.confirming) {
      this.confirming = false;
      this.screen(key === 'y' ? reset(this.chosen) : 'nothing was changed');
      return;
    }
    if (key === 'q' || key === '\u0003' || key === '\u0004') this.done();
    else if (key === 'n') this.move(1);
    else if (key === 'p') this.move(-1);
    else if (key === 'c') this.checkAll();
    else if (key === 'h') this.say(() => nextHint(this.chosen, currentTask(this.chosen)));
    else if (key === 'r') {
      this.confirming = true;
      this.screen(`Put ${relative(process.cwd(), this.chosen.file)} back to how it was handed out? y/n`);
    }
  }

  private say(text: () => string): void {
    try {
      this.screen(text());
    } catch (error) {
      this.screen(pc.yellow((error as Error).message));
    }
  }
}

/** The lab asked for, or the first that is not complete. */
function startAt(all: Lab[], { progress }: LabContext, wanted: string | undefined): number {
  if (wanted === undefined) {
    const open = all.findIndex(({ manifest }) => !progress.lab(manifest.number).complete);
    return Math.max(0, open);
  }
  const { folder } = findLab(wanted);
  return all.findIndex((lab) => lab.folder === folder);
}

export function watchCommand(): Command {
  return new Command('watch')
    .description('check while you edit')
    .argument('[lab]', 'number or name; without, the first that is not complete')
    .addHelpText('after', `\nKeys: ${KEYS}`)
    .action(
      handled(async (wanted: string | undefined) => {
        if (!process.stdin.isTTY || !process.stdout.isTTY) {
          throw new UserError('watch needs a terminal; in a script use `ring3 lab check N`');
        }
        const context = openWorkspace();
        const all = labs();
        await new Watch(context, all, startAt(all, context, wanted)).run();
      }),
    );
}
