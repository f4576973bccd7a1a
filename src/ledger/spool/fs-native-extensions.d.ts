declare module 'fs-native-extensions' {
  /** Locks a whole file for the process that opened it, until it is closed. False where another open file has the lock. */
  export function tryLock(fd: number): boolean
}
