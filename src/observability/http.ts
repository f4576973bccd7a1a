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
  /** For the whole of a request, and for each stretch of an answer to be read. */
  patienceMs?: number
}

export interface HttpServer {
  port: number
  close(): Promise<void>
}

const CHECK_MS_MAX = 2_000

const PATIENCE_MS = 10_000

/** Serves `/metrics`, `/healthz` (this process is alive, whatever the database does) and `/readyz`. */
export async function startHttp(settings: HttpSettings): Promise<HttpServer> {
  const { host, port, checkReady, patienceMs = PATIENCE_MS } = settings
  const answers: Answers = {
    page: oneAtATime(async () => Buffer.from(await registry.metrics())),
    problem: oneAtATime(() => problemOf(checkReady)),
  }
  // Whoever takes longer takes memory and descriptors that calls need.
  const limits = {
    headersTimeout: patienceMs,
    requestTimeout: patienceMs,
    connectionsCheckingInterval: patienceMs / 10,
  }
  const server = createServer(limits, (request, response) => {
    const path = request.url?.split('?')[0]
    answer(path, response, answers).catch((error: Error) => reply(response, 500, `${error.message}\n`))
  })
  server.timeout = patienceMs
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
  /** What keeps the service from its work, if anything does. */
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
      return reply(response, 404, 'There are /metrics, /healthz and /readyz.\n')
  }
}

/** Whoever asks while it is being found out gets the same answer: a flood of questions is one of work. */
function oneAtATime<T>(find: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined
  return () => {
    running ??= find().finally(() => {
      running = undefined
    })
    return running
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
