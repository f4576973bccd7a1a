import { execFile, spawnSync } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

// Every command in turn, each a process of its own.
jest.setTimeout(240_000)

async function helpOf(command: readonly string[]): Promise<string> {
  const program = [join(__dirname, '../support/fromSource.js'), 'src/main']
  const { stdout } = await promisify(execFile)(process.execPath, [...program, ...command, '--help'])
  return stdout
}

/** The names below `Commands:`. */
function commandsIn(help: string): string[] {
  const [, listed = ''] = /^Commands:\n((?: {2}.*\n)*)/m.exec(help) ?? []
  return [...listed.matchAll(/^ {2}([a-z]\S*)/gm)].flatMap(([, name = '']) => (name === 'help' ? [] : [name]))
}

const onLinux = process.platform === 'linux' ? test : test.skip

onLinux(
  'a full disk is reported in one line, and the incomplete file is not taken for a whole one',
  async () => {
    const program = [join(__dirname, '../support/fromSource.js'), 'src/main', 'config', '--markdown']
    const full = openSync('/dev/full', 'w')
    try {
      const { status, stderr } = spawnSync(process.execPath, program, {
        stdio: ['ignore', full, 'pipe'],
        encoding: 'utf8',
      })
      expect({ status, stderr }).toEqual({
        status: 1,
        stderr: expect.stringMatching(/^tollgate: what was asked for can't be written: ENOSPC.*\n$/),
      })
    } finally {
      closeSync(full)
    }
  },
)

test('every command has a usage text', async () => {
  const waiting: string[][] = [[]]
  const seen: string[] = []
  for (let command = waiting.shift(); command !== undefined; command = waiting.shift()) {
    const help = await helpOf(command)
    expect(help).toMatch(/^Usage: tollgate/)
    for (const name of commandsIn(help)) waiting.push([...command, name])
    seen.push(command.join(' '))
  }
  expect(seen).toEqual(
    expect.arrayContaining(['serve', 'users create', 'prices put', 'token create', 'spool drain']),
  )
})
