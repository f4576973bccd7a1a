import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type HttpServer, startHttp } from '../../src/observability/http'
import { SetupError } from '../../src/setupError'

let server: HttpServer
let checkReady: () => Promise<void>

beforeEach(async () => {
  checkReady = async () => undefined
  server = await startHttp({ host: '127.0.0.1', port: 0, checkReady: () => checkReady() })
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

test('is alive but not ready while its check fails, and says why', async () => {
  checkReady = async () => {
    throw new Error('the database is away')
  }
  expect(await get('/readyz')).toEqual([503, 'the database is away\n'])
  expect(await get('/healthz')).toEqual([200, 'ok\n'])
})

test('a check that hangs is not ready', async () => {
  checkReady = () => new Promise(() => undefined)
  expect(await get('/readyz')).toEqual([503, 'the check takes too long\n'])
})

test('shows metrics', async () => {
  const [status, text] = await get('/metrics')
  expect(status).toBe(200)
  expect(text).toContain('# TYPE tollgate_conflicts_total counter')
})

test('however many ask at once whether it is ready, the database is asked once', async () => {
  let checks = 0
  checkReady = async () => {
    checks += 1
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  const answers = await Promise.all(Array.from({ length: 50 }, () => get('/readyz')))
  expect(answers.every(([status]) => status === 200)).toBe(true)
  expect(checks).toBe(1)
  await get('/readyz')
  expect(checks).toBe(2)
})

const HEAD = 'host: x\r\n'

test.each([
  ['says nothing', '', ''],
  ['never comes to the end of its headers', `GET /metrics HTTP/1.1\r\n${HEAD}`, 'x: y\r\n'],
  ['never comes to the end of its body', `POST /healthz HTTP/1.1\r\n${HEAD}content-length: 999\r\n\r\n`, 'x'],
])('a connection that %s is ended', async (_what, first, more) => {
  await withImpatientServer(async (socket) => {
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
  await withImpatientServer(async (socket) => {
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

async function withImpatientServer(work: (socket: Socket) => Promise<void>): Promise<void> {
  const impatient = await startHttp({ host: '127.0.0.1', port: 0, checkReady, patienceMs: 300 })
  const socket = connect(impatient.port, '127.0.0.1')
  socket.on('error', () => undefined)
  socket.pause()
  try {
    await work(socket)
  } finally {
    socket.destroy()
    await impatient.close()
  }
}

test('a port in use is said with what to do', async () => {
  const second = startHttp({ host: '127.0.0.1', port: server.port, checkReady })
  await expect(second).rejects.toThrow(SetupError)
  await expect(second).rejects.toThrow(/is in use.*TOLLGATE_METRICS_PORT/)
})
