import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { log } from '../../observability/log'
import { metrics, type WatchedFileKind } from '../../observability/metrics'
import { SetupError } from '../../setupError'

export interface WatchSettings<T> {
  /** Their name in logs and metrics. */
  kind: WatchedFileKind
  paths: readonly string[]
  /** @throws Error where the contents are invalid; the message must not quote secrets */
  parse(contents: readonly Buffer[]): T
  intervalMs?: number
}

const INTERVAL_MS = 5_000

/**
 * Files that may change while the process runs. They are read again at an interval and compared by content: Kubernetes
 * updates a secret by swapping a symlink two folders up, which a file watcher does not notice. Invalid contents are
 * reported, and the last valid version stays in force.
 */
export class WatchedFiles<T> {
  readonly #settings: WatchSettings<T>
  readonly #listeners = new Set<(current: T) => void>()
  readonly #timer: NodeJS.Timeout
  #current: T
  #contents: readonly Buffer[]
  /** What was wrong at the last reload, and whether it was reported. */
  #problem: { message: string; reported: boolean } | undefined
  #reloading = false

  /** @throws SetupError where the files can't be read or are invalid */
  constructor(settings: WatchSettings<T>) {
    this.#settings = settings
    this.#contents = settings.paths.map(readAtStart)
    this.#current = settings.parse(this.#contents)
    metrics.fileRead(settings.kind, 'used')
    this.#timer = setInterval(() => void this.#reload(), settings.intervalMs ?? INTERVAL_MS)
    this.#timer.unref()
  }

  get current(): T {
    return this.#current
  }

  onChange(listener: (current: T) => void): void {
    this.#listeners.add(listener)
  }

  removeListener(listener: (current: T) => void): void {
    this.#listeners.delete(listener)
  }

  close(): void {
    clearInterval(this.#timer)
  }

  async #reload(): Promise<void> {
    if (this.#reloading) return
    this.#reloading = true
    try {
      const contents = await Promise.all(this.#settings.paths.map((path) => readFile(path)))
      if (contents.every((content, index) => content.equals(this.#contents[index] as Buffer))) {
        this.#recovered()
        return
      }
      this.#current = this.#settings.parse(contents)
      this.#contents = contents
      this.#problem = undefined
      metrics.fileRead(this.#settings.kind, 'used')
      log.info({ kind: this.#settings.kind, paths: this.#settings.paths }, 'reloaded changed files')
      for (const listener of this.#listeners) listener(this.#current)
    } catch (error) {
      this.#failed(error instanceof Error ? error.message : String(error))
    } finally {
      this.#reloading = false
    }
  }

  /** A swap of several files may be seen half done, so a problem is reported once, at the second reload that finds it. */
  #failed(message: string): void {
    if (this.#problem?.message !== message) {
      this.#problem = { message, reported: false }
      return
    }
    if (this.#problem.reported) return
    this.#problem.reported = true
    metrics.fileRead(this.#settings.kind, 'refused')
    log.error(
      { kind: this.#settings.kind, paths: this.#settings.paths, problem: message },
      'reload failed; keeping the last valid version',
    )
  }

  /** The last valid content is back. */
  #recovered(): void {
    if (this.#problem?.reported) metrics.fileRead(this.#settings.kind, 'used')
    this.#problem = undefined
  }
}

function readAtStart(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new SetupError(`${path} can't be read: ${(error as Error).message}`)
  }
}
