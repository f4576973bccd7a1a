import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { log } from '../../observability/log'
import { metrics, type WatchedFileKind } from '../../observability/metrics'
import { SetupError } from '../../setupError'

export interface WatchSettings<T> {
  /** As log and metrics call them. */
  kind: WatchedFileKind
  paths: readonly string[]
  /** @throws where the contents can't be used; the message must quote no secret */
  parse(contents: readonly Buffer[]): T
  intervalMs?: number
}

const INTERVAL_MS = 5_000

/**
 * Files that may change while the process runs. They are read again at an interval and compared by content: a Kubernetes
 * secret changes by the swap of a symlink two folders up, which tells no watcher of the file. What can't be used leaves
 * the last good content in force, and is told.
 */
export class WatchedFiles<T> {
  readonly #settings: WatchSettings<T>
  readonly #listeners = new Set<(current: T) => void>()
  readonly #timer: NodeJS.Timeout
  #current: T
  #contents: readonly Buffer[]
  /** What was wrong at the last look, and whether it was told. */
  #problem: { message: string; told: boolean } | undefined
  #looking = false

  /** @throws SetupError where the files can't be read or used */
  constructor(settings: WatchSettings<T>) {
    this.#settings = settings
    this.#contents = settings.paths.map(readAtStart)
    this.#current = settings.parse(this.#contents)
    metrics.fileRead(settings.kind, 'used')
    this.#timer = setInterval(() => void this.#look(), settings.intervalMs ?? INTERVAL_MS)
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

  async #look(): Promise<void> {
    if (this.#looking) return
    this.#looking = true
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
      log.info({ kind: this.#settings.kind, paths: this.#settings.paths }, 'changed files are in force')
      for (const listener of this.#listeners) listener(this.#current)
    } catch (error) {
      this.#failed(error instanceof Error ? error.message : String(error))
    } finally {
      this.#looking = false
    }
  }

  /** A swap of several files may be seen half done: only what is still wrong at the next look is told, and once. */
  #failed(message: string): void {
    if (this.#problem?.message !== message) {
      this.#problem = { message, told: false }
      return
    }
    if (this.#problem.told) return
    this.#problem.told = true
    metrics.fileRead(this.#settings.kind, 'refused')
    log.error(
      { kind: this.#settings.kind, paths: this.#settings.paths, problem: message },
      'changed files are of no use: the last good ones stay in force until this is mended',
    )
  }

  /** The last good content is back. */
  #recovered(): void {
    if (this.#problem?.told) metrics.fileRead(this.#settings.kind, 'used')
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
