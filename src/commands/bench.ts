import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { packageRoot } from '../packageRoot'
import { SetupError } from '../setupError'
import { benchCommand as commandWithOptions } from './bench/options'

/** The benchmark is a separate program that nothing here imports, so that it loads the code as a server does. */
export function benchCommand(): Command {
  return commandWithOptions(() => runBenchmark(process.argv.slice(3)))
}

/** Passes on the arguments, the exit code and the stop signal. */
async function runBenchmark(args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [programOf(packageRoot), ...args], { stdio: 'inherit' })
  // A terminal's Ctrl-C reaches the child too. Sent as another signal, it counts once, and leaves time to clean up.
  const stop = () => void child.kill('SIGTERM')
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop)
  process.exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 1))
  })
}

/** In a clone, the script that builds what changed; elsewhere, the built file. */
function programOf(root: string): string {
  const programs = [join(root, 'scripts', 'bench.mjs'), join(root, 'dist', 'bench', 'main.js')]
  const found = programs.find((program) => existsSync(program))
  if (found === undefined)
    throw new SetupError(`This installation came without the benchmark (${programs[1]}).`)
  return found
}
