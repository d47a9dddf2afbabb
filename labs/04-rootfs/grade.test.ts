/** Lab 04. Every task gives the submission an image of its own, and runs a hostile program in what came of it. */
import { grade } from 'ring3/grade';
import { binds, links } from './grading/binds.ts';
import { dev, proc } from './grading/kernel-files.ts';
import { masks, readonly } from './grading/covers.ts';
import { pivot, propagation } from './grading/root.ts';
import { siege } from './grading/siege.ts';

grade(import.meta.url, (lab) => {
  lab.task('propagation', propagation);
  lab.task('pivot', pivot);
  lab.task('proc', proc);
  lab.task('dev', dev);
  lab.task('binds', binds);
  lab.task('links', links);
  lab.task('masks', masks);
  lab.task('readonly', readonly);
  lab.task('siege', siege);
});
