import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import type { Jobs } from './jobs/jobs'
import type { JobAnswer, JobRequest } from './workerMain'

type Arguments<Name extends keyof Jobs> = Parameters<Jobs[Name]>
type Result<Name extends keyof Jobs> = Awaited<ReturnType<Jobs[Name]>>

/** A process of the benchmark, which runs jobs. */
export class Worker {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, { resolve: (result: never) => void; reject: (error: Error) => void }>()
  readonly #ended: Promise<void>
  #count = 0

  constructor() {
    // JSON has no bigint, which money is, and no typed arrays, which latencies are.
    this.#child = fork(join(__dirname, 'workerMain.js'), {
      serialization: 'advanced',
      // Memory is compared after a collection of garbage.
      execArgv: ['--expose-gc'],
    })
    this.#child.on('message', (answer: JobAnswer) => this.#answered(answer))
    this.#ended = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => {
        for (const { reject } of this.#waiting.values())
          reject(new Error(`a process of the benchmark ended with ${signal ?? code}`))
        this.#waiting.clear()
        resolve()
      })
    })
  }

  do<Name extends keyof Jobs>(name: Name, ...args: Arguments<Name>): Promise<Result<Name>> {
    const request: JobRequest = { id: this.#count++, name, args: args[0] }
    return new Promise((resolve, reject) => {
      this.#waiting.set(request.id, { resolve, reject })
      this.#child.send(request)
    })
  }

  async stop(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect()
    await this.#ended
  }

  #answered(answer: JobAnswer): void {
    const waiting = this.#waiting.get(answer.id)
    this.#waiting.delete(answer.id)
    if ('error' in answer) waiting?.reject(new Error(answer.error))
    else waiting?.resolve(answer.result as never)
  }
}

/** Starts processes for some work, and stops them however it ends. */
export async function withWorkers<T>(count: number, work: (...workers: Worker[]) => Promise<T>): Promise<T> {
  const workers = Array.from({ length: count }, () => new Worker())
  try {
    return await work(...workers)
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()))
  }
}
