/** `ring3 doctor`: what this host can do, found out by doing it, and how to get what is missing. */
import { Command } from 'commander';
import { diagnose, printReport } from '../doctor/index.ts';

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('what this host can do, found out by doing it, and how to get what is missing')
    .option('--json', 'print the report as JSON')
    .addHelpText('after', '\nExit status: 0 when at least one lab can be worked, else 1.')
    .action(async ({ json }: { json?: boolean }) => {
      const report = await diagnose(true);
      const text = json ? JSON.stringify(report, null, 2) : printReport(report).join('\n');
      process.stdout.write(`${text}\n`);
      if (!report.labs.some(({ ok }) => ok)) process.exitCode = 1;
    });
}
