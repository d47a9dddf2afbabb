/** Placeholder type until locks are made. */
export type FileLocks = object;
