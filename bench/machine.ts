import { readFileSync } from 'node:fs'
import { cpus, loadavg, release, totalmem, type } from 'node:os'

/** The machine of a run. */
export interface Machine {
  cpu: string
  cores: number
  memoryGib: number
  os: string
  node: string
  /** The load of other programs before the run. */
  loadAverage: number
  postgres: Record<string, string>
  /** The database's host, if it is another machine. */
  databaseHost?: string
}

export function describeMachine(postgres: Record<string, string>, databaseUrl?: string): Machine {
  const databaseHost = remoteHostOf(databaseUrl)
  return {
    ...(databaseHost !== undefined && { databaseHost }),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGib: Math.round((totalmem() / 2 ** 30) * 10) / 10,
    os: `${distribution()} (${type()} ${release()})`,
    node: process.versions.node,
    loadAverage: Math.round((loadavg()[0] ?? 0) * 100) / 100,
    postgres,
  }
}

export function machineAsText({ postgres, databaseHost, ...machine }: Machine): string {
  const { cpu, cores, memoryGib, os, node, loadAverage } = machine
  const settings = Object.entries(postgres).map(([name, value]) => `${name}=${value}`)
  return [
    `${cpu}, ${cores} cores, ${memoryGib} GiB, load average ${loadAverage} before the run`,
    `${os}, Node ${node}`,
    `PostgreSQL ${settings.join(', ').replace('server_version=', '')}`,
    databaseHost === undefined
      ? 'load, server and database share this machine'
      : `load and server share this machine; the database is at ${databaseHost}`,
  ].join('\n')
}

function remoteHostOf(url: string | undefined): string | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined
  const { hostname } = new URL(url)
  return ['', 'localhost', '127.0.0.1', '[::1]'].includes(hostname) ? undefined : hostname
}

function distribution(): string {
  try {
    return /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? process.platform
  } catch {
    return process.platform
  }
}
