import { log } from '../src/observability/log'
import { SetupError } from '../src/setupError'
import { benchCommand } from './options'
import { bench } from './run'

const EXIT_FAILED = 1
const EXIT_SETUP = 2

async function main(): Promise<void> {
  log.level = 'error'
  try {
    await benchCommand(bench).parseAsync()
  } catch (error) {
    process.exitCode = error instanceof SetupError ? EXIT_SETUP : EXIT_FAILED
    const text = error instanceof SetupError ? error.message : error instanceof Error ? error.stack : error
    process.stderr.write(`bench: ${text}\n`)
  }
  process.exit()
}

void main()
