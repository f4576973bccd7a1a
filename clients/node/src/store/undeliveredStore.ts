import { randomUUID } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { decodeEntry, encodeEntry, nameOf, type Owner, ownerOf, type StoredEntry } from './entry'

export interface StoreLimits {
  /** What all files together may take, in whole blocks of 4 KiB. Default: 256 MiB. */
  bytesMax?: number
}

const BYTES_MAX_DEFAULT = 256 * 1024 * 1024
const BLOCK_BYTES = 4_096
const LEFTOVER_AGE_MS = 60_000
const REFUSED = 'refused'

/**
 * What could not be delivered: one file per charge or end of a stream, on disk before `keep` returns. An entry that is
 * delivered twice is charged once, because its key is the call's own. The directory belongs to one process at a time.
 */
export class UndeliveredStore {
  readonly directory: string
  readonly #bytesMax: number
  /** Bytes by file name. */
  readonly #sizes = new Map<string, number>()
  /** What this process is delivering in another way. */
  readonly #busy = new Set<string>()
  #bytes = 0

  private constructor(directory: string, bytesMax: number) {
    this.directory = directory
    this.#bytesMax = bytesMax
  }

  /**
   * Opens a directory, which is created where it doesn't exist.
   *
   * @throws Error if it can't be written, or its disk has less space than the store may use
   */
  static async open(
    directory: string,
    { bytesMax = BYTES_MAX_DEFAULT }: StoreLimits = {},
  ): Promise<UndeliveredStore> {
    const store = new UndeliveredStore(directory, bytesMax)
    try {
      await mkdir(directory, { recursive: true })
      await store.#removeLeftovers()
      await store.#probe()
      await store.names()
      await store.#checkSpace()
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error)
      throw new Error(`the store of undelivered charges can't be used: ${problem}`, { cause: error })
    }
    return store
  }

  get entries(): number {
    return this.#sizes.size
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Whether one more entry of the usual size fits. */
  hasRoom(): boolean {
    return this.#bytes + BLOCK_BYTES <= this.#bytesMax
  }

  /** Keeps an entry, which `deliver` skips until `release` or `forget` is called. */
  async keep(entry: StoredEntry): Promise<void> {
    const name = nameOf(ownerOf(entry))
    const text = encodeEntry(entry)
    const bytes = blocksOf(Buffer.byteLength(text))
    const before = this.#sizes.get(name) ?? 0
    if (this.#bytes - before + bytes > this.#bytesMax) {
      throw new Error(
        `the store of undelivered charges is full: ${this.entries} entries, ${this.#bytes} bytes`,
      )
    }
    this.#busy.add(name)
    // Counted before it is written, so that entries that are kept at the same time share one bound.
    this.#resize(name, bytes)
    try {
      await this.#write(name, text)
    } catch (error) {
      this.#resize(name, before)
      this.#busy.delete(name)
      throw error
    }
  }

  /** Leaves an entry for `deliver`. */
  release(owner: Owner): void {
    this.#busy.delete(nameOf(owner))
  }

  /** Removes an entry that was delivered. */
  async forget(owner: Owner): Promise<void> {
    await this.remove(nameOf(owner))
  }

  /** The files to deliver. */
  async names(): Promise<string[]> {
    const files = await readdir(this.directory, { withFileTypes: true })
    const names = files
      .filter((file) => file.name.endsWith('.json') && !file.isDirectory())
      .map(({ name }) => name)
    const found = new Set(names)
    for (const name of this.#sizes.keys())
      if (!found.has(name) && !this.#busy.has(name)) this.#resize(name, 0)
    for (const name of names) {
      if (this.#sizes.has(name)) continue
      const file = await stat(join(this.directory, name)).catch(() => undefined)
      if (file !== undefined) this.#resize(name, blocksOf(file.size))
    }
    return names.filter((name) => !this.#busy.has(name))
  }

  /** @throws SyntaxError, UnknownVersionError */
  async read(name: string): Promise<StoredEntry> {
    return decodeEntry(await readFile(join(this.directory, name), 'utf8'))
  }

  async remove(name: string): Promise<void> {
    await rm(join(this.directory, name), { force: true })
    this.#resize(name, 0)
    this.#busy.delete(name)
  }

  /** Moves a file that tollgate will never accept out of the way, for an operator. */
  async setAside(name: string): Promise<void> {
    await mkdir(join(this.directory, REFUSED), { recursive: true })
    await rename(join(this.directory, name), join(this.directory, REFUSED, name))
    this.#resize(name, 0)
    this.#busy.delete(name)
  }

  async #write(name: string, text: string): Promise<void> {
    const path = join(this.directory, name)
    const part = `${path}.${randomUUID()}.part`
    try {
      await writeAndSync(part, text)
      await rename(part, path)
    } catch (error) {
      await rm(part, { force: true }).catch(() => undefined)
      throw error
    }
    await syncDirectory(this.directory)
  }

  #resize(name: string, bytes: number): void {
    this.#bytes += bytes - (this.#sizes.get(name) ?? 0)
    if (bytes === 0) this.#sizes.delete(name)
    else this.#sizes.set(name, bytes)
  }

  async #removeLeftovers(): Promise<void> {
    for (const name of await readdir(this.directory)) {
      if (!name.endsWith('.part')) continue
      const path = join(this.directory, name)
      const file = await stat(path).catch(() => undefined)
      if (file !== undefined && Date.now() - file.mtimeMs > LEFTOVER_AGE_MS) await rm(path, { force: true })
    }
  }

  async #probe(): Promise<void> {
    const path = join(this.directory, `probe.${randomUUID()}.part`)
    try {
      await writeAndSync(path, 'x'.repeat(BLOCK_BYTES))
      await syncDirectory(this.directory)
    } finally {
      await rm(path, { force: true }).catch(() => undefined)
    }
  }

  async #checkSpace(): Promise<void> {
    const { bavail, bsize } = await statfs(this.directory)
    const neededBytes = this.#bytesMax - this.#bytes
    if (bavail * bsize >= neededBytes) return
    throw new Error(
      `the disk of ${this.directory} has ${mebibytes(bavail * bsize)} MiB free, and the store may use ${mebibytes(neededBytes)} MiB more: free some, or lower bytesMax`,
    )
  }
}

async function writeAndSync(path: string, text: string): Promise<void> {
  const file = await open(path, 'w', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** A file's name is on disk only once its directory is. */
async function syncDirectory(path: string): Promise<void> {
  // Windows opens no directories.
  if (process.platform === 'win32') return
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

function blocksOf(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / BLOCK_BYTES)) * BLOCK_BYTES
}

function mebibytes(bytes: number): number {
  return Math.floor(bytes / 1024 / 1024)
}
