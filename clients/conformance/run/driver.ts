import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Answer, Command } from '../protocol'
import type { Language } from './languages'

// A stream answers at its end, after all outages of its scenario.
const ANSWER_WITHIN_MS = 150_000

/** The program of one language, which does what the runner says and answers what happened. */
export class Driver {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, (answer: Answer) => void>()
  readonly #ended: Promise<void>
  #lastId = 0
  #said = ''
  #memoryAtStart = 0

  constructor({ command: [file = '', ...args], environment }: Language) {
    this.#child = spawn(file, args, {
      env: { ...process.env, ...environment },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    this.#ended = new Promise((resolve) => {
      this.#child.once('error', (error) => {
        this.#said += error.message
        resolve()
      })
      this.#child.once('close', () => resolve())
    })
    this.#child.stdin?.on('error', () => undefined)
    this.#child.stderr?.on('data', (part) => {
      this.#said += part
    })
    if (this.#child.stdout !== null) {
      createInterface({ input: this.#child.stdout }).on('line', (line) => this.#hear(line))
    }
  }

  async ask(command: Command): Promise<Answer> {
    const id = ++this.#lastId
    const answer = new Promise<Answer>((resolve) => this.#waiting.set(id, resolve))
    this.#child.stdin?.write(`${JSON.stringify({ id, ...command })}\n`)
    let timer: NodeJS.Timeout | undefined
    const tooLate = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(this.#failure(command, 'did not answer in time')), ANSWER_WITHIN_MS)
    })
    const gone = this.#ended.then(() => {
      throw this.#failure(command, 'ended')
    })
    try {
      const answered = await Promise.race([answer, gone, tooLate])
      if (command.do === 'connect') this.#memoryAtStart = this.#residentBytes()
      return answered
    } finally {
      clearTimeout(timer)
      this.#waiting.delete(id)
    }
  }

  get memoryGrowth(): number {
    return this.#residentBytes() - this.#memoryAtStart
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#ended
  }

  #hear(line: string): void {
    if (!line.startsWith('{')) {
      this.#said += `${line}\n`
      return
    }
    const { id, ...answer } = JSON.parse(line) as Answer & { id: number }
    this.#waiting.get(id)?.(answer)
  }

  #residentBytes(): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8')
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1_024
  }

  #failure({ do: what }: Command, how: string): Error {
    return new Error(`the driver ${how} (${what}); it wrote: ${this.#said.slice(-4_000)}`)
  }
}
