/** Process groups and sessions: what a terminal sends its signals to (credentials(7); setpgid(2), setsid(2)). */
import { SIGNALS } from '../../linux/signals.ts';
import type { SignalDetails, SignalSink } from '../time/signal-sink.ts';
import type { ThreadGroup } from './thread-group.ts';

/** What a session needs of the terminal that controls it. The terminal itself is a file. */
export interface ControllingTerminal {
  /** The group that reads from it and gets its signals. */
  foreground: ProcessGroup | undefined;
  /** The session's leader has ended, and the terminal controls nothing any more (setsid(2), tty_ioctl(4)). */
  leaderExited(session: Session): void;
}

export class Session {
  readonly id: number;
  readonly groups = new Set<ProcessGroup>();
  terminal: ControllingTerminal | undefined;

  constructor(id: number) {
    this.id = id;
  }
}

export class ProcessGroup implements SignalSink {
  readonly id: number;
  readonly session: Session;
  /** Living processes, and those that have ended and not been waited for. */
  readonly members = new Set<ThreadGroup>();

  constructor(id: number, session: Session) {
    this.id = id;
    this.session = session;
    session.groups.add(this);
  }

  /** To every member; terminals do (see SignalSink). */
  sendSignal(signal: number, details?: SignalDetails): boolean {
    for (const member of this.members) member.sendSignal(signal, details);
    return true;
  }

  /** Is there no member whose parent could continue it from within the session (setpgid(2), "orphaned")? */
  get orphaned(): boolean {
    return this.#orphanedWithout(undefined);
  }

  /** @param leaving a process that does not count any more */
  #orphanedWithout(leaving: ThreadGroup | undefined): boolean {
    for (const member of this.members) {
      const { parent } = member;
      if (member === leaving || member.zombie || !parent) continue;
      if (parent.processGroup !== this && parent.processGroup.session === this.session) return false;
    }
    return true;
  }

  /**
   * POSIX: when a group becomes orphaned and has stopped members, all of them get SIGHUP and SIGCONT.
   * @param process the one that ends, or whose parent ends @param parent who would keep the group from being orphaned
   */
  lost(process: ThreadGroup, parent: ThreadGroup | undefined): void {
    if (!parent || parent.processGroup === this || parent.processGroup.session !== this.session) return;
    if (!this.#orphanedWithout(process.zombie ? process : undefined)) return;
    if (![...this.members].some((member) => member.stopped)) return;
    this.sendSignal(SIGNALS.SIGHUP);
    this.sendSignal(SIGNALS.SIGCONT);
  }
}
