/** What this process has used: to be asked twice. */
export interface ProcessUsage {
  cpuMicros: number
  /** On the heap and beside it, after what is garbage has gone. */
  memoryBytes: number
}

export async function processUsage(): Promise<ProcessUsage> {
  const { user, system } = process.cpuUsage()
  // Twice: what the first one finalises, the second one frees.
  globalThis.gc?.()
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return { cpuMicros: user + system, memoryBytes: heapUsed + external }
}
