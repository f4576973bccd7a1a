import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { TestServer } from './server'

/** A token for each scope: `admin-token`, `gateway-token` and `read-token`. */
export const SCOPE_TOKENS = (['admin', 'gateway', 'read'] as const).map((scope) => ({
  name: scope,
  hash: createHash('sha256').update(`${scope}-token`).digest(),
  scopes: [scope],
}))

export interface Outcome {
  code: number | null
  stdout: string
  stderr: string
}

/** Runs the command line in a process of its own. */
export function runProgram(
  args: readonly string[],
  environment: Record<string, string> = {},
  started: (child: ChildProcess) => void = () => undefined,
): Promise<Outcome> {
  const child = spawn(process.execPath, [join(__dirname, 'fromSource.js'), 'src/main', ...args], {
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  started(child)
  const said = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (chunk) => {
      said[name] += chunk
    })
  }
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, ...said })))
}

/** The command line, set up for a test's server and an operator. */
export function operatorOf(server: () => Pick<TestServer, 'address'>) {
  const tollgate = (
    args: readonly string[],
    environment: Record<string, string> = {},
    started?: (child: ChildProcess) => void,
  ) =>
    runProgram(
      args,
      { TOLLGATE_ADDRESS: server().address, TOLLGATE_TOKEN: 'admin-token', ...environment },
      started,
    )
  return {
    tollgate,
    /** Its output; rejects if it fails. */
    async succeeding(args: readonly string[], environment?: Record<string, string>): Promise<string> {
      const { code, stdout, stderr } = await tollgate(args, environment)
      if (code !== 0) throw new Error(`${args.join(' ')}: exit code ${code}: ${stderr}`)
      return stdout
    },
    /** Its JSON lines; rejects if it fails. */
    async lines(args: readonly string[]): Promise<Record<string, unknown>[]> {
      const { code, stdout, stderr } = await tollgate([...args, '--json'])
      if (code !== 0) throw new Error(`${args.join(' ')}: exit code ${code}: ${stderr}`)
      return stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line))
    },
  }
}
