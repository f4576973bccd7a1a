/** What this process has used: to be asked twice. */
export interface ProcessUsage {
  cpuMicros: number
  rssBytes: number
}

export async function processUsage(): Promise<ProcessUsage> {
  const { user, system } = process.cpuUsage()
  return { cpuMicros: user + system, rssBytes: process.memoryUsage.rss() }
}
