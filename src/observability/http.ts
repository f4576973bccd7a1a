import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SetupError } from '../setupError'
import { registry } from './metrics'

export interface HttpSettings {
  host: string
  /** 0 = any free port. */
  port: number
  readiness: Readiness
  /** Time limit of a request, and of a client that stops reading its answer. */
  timeoutMs?: number
}

export interface Readiness {
  /** Asks what the service depends on. It may fail, and is given up after a while. */
  probe(): Promise<void>
  /** What keeps the service from its work, given how the probe failed; undefined = it is ready. */
  problem(probeError: Error | undefined): string | undefined
}

export interface HttpServer {
  port: number
  close(): Promise<void>
}

/** Less than probes of Kubernetes wait for /readyz. */
const PROBE_MS_MAX = 1_500

const TIMEOUT_MS = 10_000

/** Serves `/metrics`, `/healthz` (this process is alive, whatever the database does) and `/readyz`. */
export async function startHttp(settings: HttpSettings): Promise<HttpServer> {
  const { host, port, readiness, timeoutMs = TIMEOUT_MS } = settings
  const answers: Answers = {
    page: oneAtATime(async () => Buffer.from(await registry.metrics())),
    problem: oneAtATime(async () => readiness.problem(await errorOf(readiness.probe))),
  }
  // Slower clients would keep memory and descriptors that calls need.
  const limits = {
    headersTimeout: timeoutMs,
    requestTimeout: timeoutMs,
    connectionsCheckingInterval: timeoutMs / 10,
  }
  const server = createServer(limits, (request, response) => {
    const path = request.url?.split('?')[0]
    answer(path, response, answers).catch((error: Error) => reply(response, 500, `${error.message}\n`))
  })
  server.timeout = timeoutMs
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

interface Answers {
  page(): Promise<Buffer>
  /** What keeps the service from its work; undefined = it is ready. */
  problem(): Promise<string | undefined>
}

async function answer(
  path: string | undefined,
  response: ServerResponse,
  { page, problem }: Answers,
): Promise<void> {
  switch (path) {
    case '/metrics':
      response.setHeader('content-type', registry.contentType)
      return reply(response, 200, await page())
    case '/healthz':
      return reply(response, 200, 'ok\n')
    case '/readyz': {
      const found = await problem()
      return reply(response, found === undefined ? 200 : 503, `${found ?? 'ok'}\n`)
    }
    default:
      return reply(response, 404, 'This server has /metrics, /healthz and /readyz.\n')
  }
}

/** Requests that arrive while the work runs share its result, so that a flood of requests causes no flood of work. */
function oneAtATime<T>(work: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined
  return () => {
    running ??= work().finally(() => {
      running = undefined
    })
    return running
  }
}

/** How the probe failed, if it did. */
async function errorOf(probe: () => Promise<void>): Promise<Error | undefined> {
  let timer: NodeJS.Timeout | undefined
  const tooSlow = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the check takes too long')), PROBE_MS_MAX)
  })
  try {
    await Promise.race([probe(), tooSlow])
    return undefined
  } catch (error) {
    return error as Error
  } finally {
    clearTimeout(timer)
  }
}

function reply(response: ServerResponse, status: number, body: string | Buffer): void {
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
