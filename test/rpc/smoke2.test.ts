import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { startTestServer, type TestServer } from '../support/server'
const run = promisify(execFile)
let server: TestServer
beforeAll(async () => { server = await startTestServer() }, 60000)
afterAll(() => server?.stop())
const out: string[] = []
async function buf(...args: string[]) {
  try { const r = await run('node_modules/.bin/buf', ['curl','--protocol','grpc','--http2-prior-knowledge', ...args]); out.push(args.join(' ') + '\n' + r.stdout + r.stderr) }
  catch (e: any) { out.push('FAIL ' + args.join(' ') + '\n' + e.stdout + e.stderr) }
}
test('smoke', async () => {
  const b = `http://${server.address}`
  await buf('--list-services', b)
  await buf('--list-methods', b)
  await buf('--reflect-protocol','grpc-v1alpha','--list-methods', b)
  await buf('-d', '{"user_id":"bob"}', b + '/tollgate.billing.v1.UserService/CreateUser')
  await buf('-d', '{"user_id":"bo b"}', b + '/tollgate.billing.v1.UserService/CreateUser')
  await buf('-d', '{}', b + '/grpc.health.v1.Health/Check')
  await buf('-d', '{"service":"tollgate.billing.v1.UserService"}', b + '/grpc.health.v1.Health/Check')
  await buf('-d', '{}', b + '/grpc.health.v1.Health/List')
  require('fs').writeFileSync('/tmp/out.txt', out.join('\n----\n'))
}, 60000)
