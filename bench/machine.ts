import { readFileSync } from 'node:fs'
import { cpus, loadavg, release, totalmem, type } from 'node:os'

/** What the figures were measured on. */
export interface Machine {
  cpu: string
  cores: number
  memoryGib: number
  os: string
  node: string
  /** Of others, before it began. */
  loadAverage: number
  postgres: Record<string, string>
}

export function describeMachine(postgres: Record<string, string>): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGib: Math.round((totalmem() / 2 ** 30) * 10) / 10,
    os: `${distribution()} (${type()} ${release()})`,
    node: process.versions.node,
    loadAverage: Math.round((loadavg()[0] ?? 0) * 100) / 100,
    postgres,
  }
}

export function machineAsText({ cpu, cores, memoryGib, os, node, loadAverage, postgres }: Machine): string {
  const settings = Object.entries(postgres).map(([name, value]) => `${name}=${value}`)
  return [
    `${cpu}, ${cores} cores, ${memoryGib} GiB, load average ${loadAverage} before the run`,
    `${os}, Node ${node}`,
    `PostgreSQL ${settings.join(', ').replace('server_version=', '')}`,
    'load, server and database share this machine',
  ].join('\n')
}

function distribution(): string {
  try {
    return /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? process.platform
  } catch {
    return process.platform
  }
}
