/** What this process has used so far; take the difference of two calls. */
export interface ProcessUsage {
  cpuMicros: number
  /** On the heap and outside it, after a collection of garbage. */
  memoryBytes: number
}

export async function processUsage(): Promise<ProcessUsage> {
  const { user, system } = process.cpuUsage()
  // Twice: the second collection frees what the first one finalised.
  globalThis.gc?.()
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return { cpuMicros: user + system, memoryBytes: heapUsed + external }
}
