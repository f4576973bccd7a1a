import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SetupError } from '../setupError'
import { registry } from './metrics'

export interface HttpSettings {
  host: string
  /** 0 = any free port. */
  port: number
  /** Throws, with the reason, while the service can't do its work. */
  checkReady(): Promise<void>
}

export interface HttpServer {
  port: number
  close(): Promise<void>
}

const CHECK_MS_MAX = 2_000

/** Serves `/metrics`, `/healthz` (this process is alive, whatever the database does) and `/readyz`. */
export async function startHttp({ host, port, checkReady }: HttpSettings): Promise<HttpServer> {
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0]
    answer(path, response, checkReady).catch((error: Error) => reply(response, 500, `${error.message}\n`))
  })
  await listen(server, host, port)
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answer(
  path: string | undefined,
  response: ServerResponse,
  checkReady: () => Promise<void>,
): Promise<void> {
  switch (path) {
    case '/metrics':
      response.setHeader('content-type', registry.contentType)
      return reply(response, 200, await registry.metrics())
    case '/healthz':
      return reply(response, 200, 'ok\n')
    case '/readyz': {
      const problem = await problemOf(checkReady)
      return reply(response, problem === undefined ? 200 : 503, `${problem ?? 'ok'}\n`)
    }
    default:
      return reply(response, 404, 'There are /metrics, /healthz and /readyz.\n')
  }
}

async function problemOf(checkReady: () => Promise<void>): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined
  const tooSlow = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the check takes too long')), CHECK_MS_MAX)
  })
  try {
    await Promise.race([checkReady(), tooSlow])
    return undefined
  } catch (error) {
    return (error as Error).message
  } finally {
    clearTimeout(timer)
  }
}

function reply(response: ServerResponse, status: number, body: string): void {
  response.statusCode = status
  if (!response.hasHeader('content-type')) response.setHeader('content-type', 'text/plain; charset=utf-8')
  response.end(body)
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const help = 'set TOLLGATE_METRICS_HOST and TOLLGATE_METRICS_PORT (0 = any free port)'
      if (error.code === 'EADDRINUSE') {
        reject(new SetupError(`${host}:${port} is in use, so metrics can't be served there; ${help}.`))
      } else {
        reject(new SetupError(`Metrics can't be served on ${host}:${port} (${error.message}); ${help}.`))
      }
    })
    server.listen(port, host, resolve)
  })
}
