/** The smallest world in which one confinement can be had alone. */
import { becomeRoot, hostIdMaps } from '../../confine/idmaps.ts';
import { namespaceStep } from '../../confine/namespaces.ts';
import type { StepInput } from '../../confine/plan.ts';
import { currentAsker } from '../../doctor/asker.ts';
import type { Namespace } from '../../linux/namespaces.ts';
import { execStep } from '../program.ts';
import type { Target } from '../target.ts';
import { planned } from './planned.ts';

export interface Alone {
  name: string;
  title: string;
  namespaces?: readonly Namespace[];
  /** A user namespace is part of it: the steps need mapped ids even when root asks. */
  mapped?: boolean;
  steps?(): StepInput[];
}

/** The kernel gives an ordinary user the right to confine himself only inside of a user namespace of his own. */
export function alone(spec: Alone): Target {
  const { name, namespaces = [], steps } = spec;
  const inUserNamespace =
    spec.mapped === true || (!currentAsker().privileged && !namespaces.includes('user'));
  const title = inUserNamespace && !spec.mapped ? `${spec.title}, in a user namespace` : spec.title;
  const plan = (argv: readonly string[]): StepInput[] => {
    const maps = inUserNamespace ? hostIdMaps() : undefined;
    const types = inUserNamespace ? (['user', ...namespaces] as const) : namespaces;
    return [
      ...(types.length > 0 ? [namespaceStep(types)] : []),
      ...(maps ? [maps.step, ...becomeRoot(maps)] : []),
      ...(steps?.() ?? []),
      execStep(argv),
    ];
  };
  return planned({ name, family: 'alone', title, plan });
}
