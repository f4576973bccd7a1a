import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { AttackName } from './attacks'
import type { Target } from './target'

const FROM_SOURCE = join(__dirname, '..', 'fromSource.js')

export interface Attacker {
  /** What the attack did. Rejects where it could not attack. */
  did: Promise<string>
  stop(): void
}

/** Attacks from a process of its own, for so long. */
export function startAttacker(
  name: AttackName,
  { address, tokens }: Omit<Target, 'untilMs'>,
  durationMs: number,
): Attacker {
  const args = [FROM_SOURCE, 'test/support/attacks/main', name, address, String(durationMs)]
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env['PATH'], TOKENS: JSON.stringify(tokens) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk
    })
  }
  const did = new Promise<string>((resolve, reject) => {
    child.once('close', (code) => {
      if (code === 0) resolve(output)
      else reject(new Error(`the attack ended with ${code}: ${output}`))
    })
  })
  did.catch(() => undefined)
  return { did, stop: () => void child.kill('SIGKILL') }
}
