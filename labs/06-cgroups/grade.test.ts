/** Lab 06. The model (model/) grades both versions on every host; the last two tasks ask this host's own kernel. */
import { grade } from 'ring3/grade';
import { explains } from './grading/explain.ts';
import { joins } from './grading/join.ts';
import { freezes, kills, removes } from './grading/lifecycle.ts';
import { realKill, realLimits } from './grading/real.ts';
import { v1Limits, v1Tree } from './grading/v1.ts';
import { v2Limits, v2Tree } from './grading/v2.ts';

grade(import.meta.url, (lab) => {
  lab.task('v1-tree', v1Tree);
  lab.task('v1-limits', v1Limits);
  lab.task('v2-tree', v2Tree);
  lab.task('v2-limits', v2Limits);
  lab.task('join', joins);
  lab.task('freeze', freezes);
  lab.task('kill', kills);
  lab.task('remove', removes);
  lab.task('explain', explains);
  lab.task('real-limits', realLimits);
  lab.task('real-kill', realKill);
});
