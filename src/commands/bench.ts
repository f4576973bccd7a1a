import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { packageRoot } from '../packageRoot'
import { SetupError } from '../setupError'
import { benchCommand as commandWithOptions } from './bench/options'

/** The benchmark is a program of its own, which nothing here imports: what is measured is loaded as a server loads it. */
export function benchCommand(): Command {
  return commandWithOptions(() => runBenchmark(process.argv.slice(3)))
}

/** Passes on what it is told, how it ends, and that it is to stop. */
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

/** In a clone, the one that builds what has changed; elsewhere, what the build has left. */
function programOf(root: string): string {
  const programs = [join(root, 'scripts', 'bench.mjs'), join(root, 'dist', 'bench', 'main.js')]
  const found = programs.find((program) => existsSync(program))
  if (found === undefined)
    throw new SetupError(`This installation came without the benchmark (${programs[1]}).`)
  return found
}
