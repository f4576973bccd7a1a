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

test('a port in use is said with what to do', async () => {
  const second = startHttp({ host: '127.0.0.1', port: server.port, checkReady })
  await expect(second).rejects.toThrow(SetupError)
  await expect(second).rejects.toThrow(/is in use.*TOLLGATE_METRICS_PORT/)
})
