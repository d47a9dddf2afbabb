/** Privileges given up: bounding set, capabilities, no_new_privs. */
import { DEFAULT_CAPABILITIES, dropPrivileges } from '../../confine/privileges.ts';
import { alone } from './alone.ts';

export const privileges = alone({
  name: 'privileges',
  title: 'capabilities dropped, no_new_privs',
  steps: () => dropPrivileges({ keep: DEFAULT_CAPABILITIES, umask: 0o022 }),
});
