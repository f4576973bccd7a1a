#!/usr/bin/env node
import type { Command } from 'commander'
import { program } from './commands/program'
import { flushLog, log } from './observability/log'
import { SetupError } from './setupError'

const EXIT_FAILED = 1
const EXIT_SETUP = 2

/** Commander has printed the reason already. Wrong usage has the exit code of wrong configuration. */
function withExitCodes(command: Command, parents = ''): Command {
  const path = `${parents}${command.name()} `
  for (const each of command.commands) withExitCodes(each, path)
  return command
    .showHelpAfterError(`\`${path}--help\` says how it is used.`)
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : EXIT_SETUP))
}

async function main(): Promise<void> {
  try {
    await withExitCodes(program(process.argv[2])).parseAsync()
  } catch (error) {
    process.exitCode = error instanceof SetupError ? EXIT_SETUP : EXIT_FAILED
    if (error instanceof SetupError) process.stderr.write(`tollgate: ${error.message}\n`)
    else log.fatal({ err: error }, 'tollgate failed')
  }
  flushLog()
  await written(process.stdout)
  // Whatever may still be open (a keep-alive connection, a timer of a library) has no more work to do.
  process.exit()
}

/** To a pipe, output is still on its way when the write returns. One that nobody reads on (`| head`) is no failure. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.once('error', () => resolve())
    stream.write('', () => resolve())
  })
}

// Deprecated calls of our libraries are nothing that a user of the command line can change.
process.noDeprecation = true

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') return
  process.stderr.write(`tollgate: what was asked for can't be written: ${error.message}\n`)
  process.exit(EXIT_FAILED)
})

void main()
