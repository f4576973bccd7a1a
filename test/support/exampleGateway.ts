import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'

export interface Gateway {
  url: string
  process: ChildProcess
}

/** Starts `examples/gateway` on a free port, with twenty users: `sk-user-0` is the key of `user-0`, and so on. */
export async function startGateway(environment: Record<string, string>): Promise<Gateway> {
  const child = spawn(process.execPath, ['examples/gateway/gateway.mjs'], {
    cwd: join(__dirname, '../..'),
    env: {
      PATH: process.env['PATH'],
      PORT: '0',
      API_KEYS: JSON.stringify(
        Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`sk-user-${at}`, `user-${at}`])),
      ),
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const url = await new Promise<string>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the gateway ended with ${code}`)))
    child.stdout.on('data', (said) => {
      const [, ready] = /^gateway ready (\S+)/m.exec(String(said)) ?? []
      if (ready !== undefined) resolve(ready)
    })
  })
  return { url, process: child }
}
