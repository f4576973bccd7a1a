import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { packageRoot } from '../../src/packageRoot'

const FROM_SOURCE = join(packageRoot, 'test', 'support', 'fromSource.js')

/** What a process whose stderr is a pipe logs. */
async function logged(environment: NodeJS.ProcessEnv): Promise<string> {
  const { stderr } = await promisify(execFile)(process.execPath, [FROM_SOURCE, 'test/support/logOneLine'], {
    env: { PATH: process.env['PATH'], ...environment },
  })
  return stderr
}

test.each([{}, { TOLLGATE_LOG_FORMAT: 'auto' }, { TOLLGATE_LOG_FORMAT: 'json' }])(
  'away from a terminal, %j logs JSON lines',
  async (environment) => {
    expect(JSON.parse(await logged(environment))).toMatchObject({ level: 30, port: 1, msg: 'ready' })
  },
)

test('readable lines have no colours away from a terminal', async () => {
  expect(await logged({ TOLLGATE_LOG_FORMAT: 'pretty' })).toMatch(
    /^\[\d\d:\d\d:\d\d\] INFO: ready \{"port":1\}\n$/,
  )
})
