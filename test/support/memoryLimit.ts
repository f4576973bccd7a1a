import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A limit of memory for processes, as a container has it. */
export interface MemoryLimit {
  /** What starts a program within the limit: its path and arguments follow. Empty = nothing does. */
  command: readonly string[]
  /** Settings of Node without which it would not know the limit. */
  nodeOptions: string
  remove(): void
}

let made = 0

/** Node's share of a container: half of it is heap. */
const HEAP_SHARE = 2

/**
 * A limit that the kernel enforces, by ending what exceeds it. Where this process may not make one (it is not root, or
 * there are no control groups), only the heap is limited; the test has to watch the rest.
 */
export function limitMemory(bytesMax: number): MemoryLimit {
  const name = `tollgate-test-${process.pid}-${made++}`
  for (const [folder, file] of [
    ['/sys/fs/cgroup/memory', 'memory.limit_in_bytes'],
    ['/sys/fs/cgroup', 'memory.max'],
  ] as const) {
    const group = join(folder, name)
    try {
      readFileSync(join(folder, 'cgroup.procs'))
      mkdirSync(group)
    } catch {
      continue
    }
    const remove = () => rmdirSync(group)
    try {
      writeFileSync(join(group, file), String(bytesMax))
      const enter = `echo $$ > ${group}/cgroup.procs && exec "$@"`
      return { command: ['/bin/sh', '-c', enter, 'sh'], nodeOptions: '', remove }
    } catch {
      remove()
    }
  }
  const heapMb = Math.floor(bytesMax / 2 ** 20 / HEAP_SHARE)
  return { command: [], nodeOptions: `--max-old-space-size=${heapMb}`, remove: () => undefined }
}

/** Resident memory of a process, now and at most so far, in bytes. */
export function memoryOf(pid: number): { now: number; peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const bytesOf = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) * 1_024
  return { now: bytesOf('VmRSS'), peak: bytesOf('VmHWM') }
}
