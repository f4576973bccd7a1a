import { benchCommand } from '../src/commands/bench/options'
import { log } from '../src/observability/log'
import { SetupError } from '../src/setupError'
import { BooksError } from './books'
import { bench, Interrupted } from './run'

const EXIT_FAILED = 1
const EXIT_SETUP = 2
const EXIT_INTERRUPTED = 130

async function main(): Promise<void> {
  log.level = 'error'
  try {
    await benchCommand(bench).parseAsync()
  } catch (error) {
    process.exitCode = exitCodeOf(error)
    process.stderr.write(`tollgate bench: ${textOf(error)}\n`)
  }
  process.exit()
}

function exitCodeOf(error: unknown): number {
  if (error instanceof SetupError) return EXIT_SETUP
  return error instanceof Interrupted ? EXIT_INTERRUPTED : EXIT_FAILED
}

/** An unexpected error is a bug, so its stack trace is shown. */
function textOf(error: unknown): string {
  const isExpected = [SetupError, Interrupted, BooksError].some((kind) => error instanceof kind)
  if (!(error instanceof Error)) return String(error)
  return isExpected ? error.message : (error.stack ?? error.message)
}

void main()
