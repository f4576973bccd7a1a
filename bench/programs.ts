import { execFile, execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Finds pgbench on the path, or where Debian installs it, the newest first. */
export function findPgbench(): string | undefined {
  return (
    findOnPath('pgbench') ??
    debianBinaries()
      .map((dir) => join(dir, 'pgbench'))
      .find(existsSync)
  )
}

export function findOnPath(program: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  return folders.map((folder) => join(folder, program)).find(existsSync)
}

/** Runs a program to its end, and returns its output. */
export function run(file: string, args: readonly string[], timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(file, args, { timeout: timeoutMs, maxBuffer: 2 ** 24 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout)
      else reject(new Error(`${file} failed: ${stderr.trim() || error.message}`))
    })
  })
}

export function versionOf(file: string): string {
  return execFileSync(file, ['--version'], { encoding: 'utf8' }).trim()
}

function debianBinaries(): string[] {
  const parent = '/usr/lib/postgresql'
  if (!existsSync(parent)) return []
  const versions = readdirSync(parent).sort((a, b) => Number(b) - Number(a))
  return versions.map((version) => join(parent, version, 'bin'))
}
