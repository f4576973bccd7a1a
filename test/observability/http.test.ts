import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type HttpServer, startHttp } from '../../src/observability/http'
import { SetupError } from '../../src/setupError'

let server: HttpServer
let probe: () => Promise<void>
const readiness = { probe: () => probe(), problem: (error: Error | undefined) => error?.message }

beforeEach(async () => {
  probe = async () => undefined
  server = await startHttp({ host: '127.0.0.1', port: 0, readiness })
})

afterEach(() => server.close())

async function get(path: string): Promise<[number, string]> {
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`)
  return [response.status, await response.text()]
}

test('is alive and ready', async () => {
  expect(await get('/healthz')).toEqual([200, 'ok\n'])
  expect(await get('/readyz')).toEqual([200, 'ok\n'])
  expect((await get('/elsewhere'))[0]).toBe(404)
})

test('is alive but not ready while the probe fails, and says why', async () => {
  probe = async () => {
    throw new Error('the database is unreachable')
  }
  expect(await get('/readyz')).toEqual([503, 'the database is unreachable\n'])
  expect(await get('/healthz')).toEqual([200, 'ok\n'])
})

test('is not ready while the probe hangs', async () => {
  probe = () => new Promise(() => undefined)
  expect(await get('/readyz')).toEqual([503, 'the check takes too long\n'])
})

test('serves metrics', async () => {
  const [status, text] = await get('/metrics')
  expect(status).toBe(200)
  expect(text).toContain('# TYPE tollgate_conflicts_total counter')
})

test('simultaneous requests of readiness share one probe', async () => {
  let probes = 0
  probe = async () => {
    probes += 1
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  const answers = await Promise.all(Array.from({ length: 50 }, () => get('/readyz')))
  expect(answers.every(([status]) => status === 200)).toBe(true)
  expect(probes).toBe(1)
  await get('/readyz')
  expect(probes).toBe(2)
})

const HEAD = 'host: x\r\n'

test.each([
  ['says nothing', '', ''],
  ['never comes to the end of its headers', `GET /metrics HTTP/1.1\r\n${HEAD}`, 'x: y\r\n'],
  ['never comes to the end of its body', `POST /healthz HTTP/1.1\r\n${HEAD}content-length: 999\r\n\r\n`, 'x'],
])('a connection that %s is ended', async (_what, first, more) => {
  await withShortTimeout(async (socket) => {
    socket.resume()
    socket.write(first)
    // Slowly, so that it is not silence that ends it.
    const sending = setInterval(() => socket.write(more), 100)
    const closed = new Promise((resolve) => socket.once('close', () => resolve('ended')))
    expect(await Promise.race([closed, sleep(2_000, 'still open')])).toBe('ended')
    clearInterval(sending)
  })
})

test('a connection that does not read its answers is ended, and has cost no more than what was on its way', async () => {
  const asked = 3_000
  await withShortTimeout(async (socket) => {
    socket.write(`GET /metrics HTTP/1.1\r\n${HEAD}\r\n`.repeat(asked))
    await sleep(1_500)
    let pages = 0
    socket.on('data', (chunk) => {
      pages += String(chunk).split('HTTP/1.1 200').length - 1
    })
    socket.resume()
    await new Promise((resolve) => socket.once('close', resolve))
    expect(pages).toBeLessThan(asked)
  })
})

async function withShortTimeout(work: (socket: Socket) => Promise<void>): Promise<void> {
  const server = await startHttp({ host: '127.0.0.1', port: 0, readiness, timeoutMs: 300 })
  const socket = connect(server.port, '127.0.0.1')
  socket.on('error', () => undefined)
  socket.pause()
  try {
    await work(socket)
  } finally {
    socket.destroy()
    await server.close()
  }
}

test('a port in use is an error that says what to do', async () => {
  const second = startHttp({ host: '127.0.0.1', port: server.port, readiness })
  await expect(second).rejects.toThrow(SetupError)
  await expect(second).rejects.toThrow(/is in use.*TOLLGATE_METRICS_PORT/)
})
