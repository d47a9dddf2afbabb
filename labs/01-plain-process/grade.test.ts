import { grade } from 'ring3/grade';
import { realChild } from './grading/child.ts';
import { looking } from './grading/looking.ts';
import { measuring } from './grading/measuring.ts';
import { statistics } from './grading/statistics.ts';

grade(import.meta.url, (lab) => {
  measuring(lab);
  statistics(lab);
  looking(lab);
  realChild(lab);
});
