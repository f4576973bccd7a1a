import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { connectTollgate, type TollgateClient } from '../../clients/node/src/connect'
import type { MemoryLimit } from './memoryLimit'

/** The real server, in a process of its own. */
export interface ServerProcess {
  pid: number
  /** `host:port` of gRPC. */
  address: string
  client: TollgateClient
  /** `http://host:port` of `/metrics` and `/readyz`. */
  metricsUrl: string
  /** Its output so far, on stdout and stderr. */
  said(): string
  /** Sends SIGTERM, and resolves to the exit code. */
  stop(): Promise<number | null>
  /** Kills it, as a crash does, so that it finishes nothing. Resolves when the process has ended. */
  kill(): Promise<void>
  /** Pauses it, as on a paused machine. */
  pause(): void
  wakeUp(): void
}

const READY_WITHIN_MS = 60_000

/** Resolves when it is ready, on a free port. `memory`: what it may take, as in a container. */
export async function startServerProcess(
  environment: Record<string, string>,
  { memory }: { memory?: MemoryLimit } = {},
): Promise<ServerProcess> {
  const [program = '', ...args] = [
    ...(memory?.command ?? []),
    ...[process.execPath, join(__dirname, 'fromSource.js'), 'src/main', 'serve'],
  ]
  const child = spawn(program, args, {
    env: {
      PATH: process.env['PATH'],
      TOLLGATE_GRPC_PORT: '0',
      TOLLGATE_METRICS_PORT: '0',
      TOLLGATE_LOG_LEVEL: 'fatal',
      // A test that wants deferral gives it a folder.
      TOLLGATE_DEFERRAL: 'off',
      ...(memory !== undefined && { NODE_OPTIONS: memory.nodeOptions }),
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  let said = ''
  for (const output of [child.stdout, child.stderr]) {
    output.on('data', (chunk) => {
      said += chunk
    })
  }
  const { address, metricsUrl } = await addressesOf(child, () => said)
  const client = connectTollgate({ address, batching: false, retry: { retriesMax: 0 } })
  return {
    pid: child.pid ?? 0,
    address,
    client,
    metricsUrl,
    said: () => said,
    stop() {
      child.kill('SIGTERM')
      client.close()
      return ended
    },
    pause: () => void child.kill('SIGSTOP'),
    wakeUp: () => void child.kill('SIGCONT'),
    async kill() {
      child.kill('SIGKILL')
      client.close()
      await ended
    },
  }
}

/** The addresses in its ready line. */
function addressesOf(
  child: ChildProcess,
  said: () => string,
): Promise<{ address: string; metricsUrl: string }> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => {
      clearTimeout(timer)
      child.kill('SIGKILL')
      reject(new Error(`the server ${why}:\n${said()}`))
    }
    const onExit = (code: number | null) => fail(`ended with ${code}`)
    const timer = setTimeout(() => fail('was not ready in time'), READY_WITHIN_MS)
    child.once('exit', onExit)
    child.stdout?.on('data', () => {
      const [, address, metricsUrl] = /^tollgate ready grpc=(\S+) metrics=(\S+)\/metrics$/m.exec(said()) ?? []
      if (address === undefined || metricsUrl === undefined) return
      clearTimeout(timer)
      child.off('exit', onExit)
      resolve({ address, metricsUrl })
    })
  })
}
