import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** How the driver of a language is started. */
export interface Language {
  name: string
  command: readonly string[]
  environment: Record<string, string>
}

const ROOT = join(__dirname, '../../..')

/** Node always; Python and Go where `.ci/run`, or you, have made them ready. */
export function languages(): Language[] {
  const python = process.env['TOLLGATE_TEST_PYTHON']
  const go = process.env['TOLLGATE_TEST_GO_DRIVER']
  const node = 'clients/node/conformance/driver'
  const pythonDriver = join(ROOT, 'clients/python/conformance/driver.py')
  return [
    ...(existsSync(join(ROOT, `${node}.ts`))
      ? [language('node', [process.execPath, join(ROOT, 'test/support/fromSource.js'), node])]
      : []),
    ...(python !== undefined && existsSync(pythonDriver) ? [language('python', [python, pythonDriver])] : []),
    ...(go !== undefined ? [language('go', [go])] : []),
  ]
}

function language(name: string, command: readonly string[]): Language {
  return { name, command, environment: { PYTHONDONTWRITEBYTECODE: '1' } }
}
