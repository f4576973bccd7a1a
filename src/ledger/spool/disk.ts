import { constants } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, readFile, rename, unlink } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

/** What the spool needs from a file system. Tests use one that loses what a power failure would lose without a sync. */
export interface Disk {
  /** Creates a folder and its parents, durably. */
  makeDir(path: string): Promise<void>
  /** Sorted names. */
  list(dir: string): Promise<string[]>
  read(path: string): Promise<Buffer>
  readAt(path: string, offset: number, length: number): Promise<Buffer>
  /** Creates a file. It is an error if the name exists. */
  create(path: string): Promise<DiskFile>
  remove(path: string): Promise<void>
  rename(from: string, to: string): Promise<void>
  /** Makes names that were created or changed in a folder durable. */
  syncDir(path: string): Promise<void>
}

export interface DiskFile {
  /** Appends all bytes. After an error, some of them may have been written. */
  append(bytes: Buffer): Promise<void>
  /**
   * Makes appended bytes durable. After an error, the state of those since the last sync is
   * unknown.
   */
  sync(): Promise<void>
  close(): Promise<void>
}

// Only this account may read who made which calls and what they cost.
const FILE_MODE = 0o600
const DIR_MODE = 0o700

export const realDisk: Disk = {
  async makeDir(path) {
    const made = await mkdir(dirname(path), { recursive: true })
    await mkdir(path, { recursive: true, mode: DIR_MODE })
    for (let dir = resolve(path), top = resolve(made ?? path); dir.length >= top.length; dir = dirname(dir)) {
      await syncDir(dirname(dir))
      if (dir === dirname(dir)) break
    }
  },
  async list(dir) {
    return (await readdir(dir)).sort()
  },
  read: (path) => readFile(path),
  readAt: (path, offset, length) =>
    withFile(path, constants.O_RDONLY, (file) => readAll(file, offset, length)),
  async create(path) {
    return fileOf(await open(path, 'wx', FILE_MODE))
  },
  remove: (path) => unlink(path),
  rename: (from, to) => rename(from, to),
  syncDir,
}

function syncDir(path: string): Promise<void> {
  return withFile(path, constants.O_RDONLY | constants.O_DIRECTORY, (dir) => dir.sync())
}

function fileOf(file: FileHandle): DiskFile {
  return {
    async append(bytes) {
      for (let written = 0; written < bytes.length; ) {
        written += (await file.write(bytes, written, bytes.length - written)).bytesWritten
      }
    },
    sync: () => file.datasync(),
    close: () => file.close(),
  }
}

async function withFile<T>(path: string, flags: number, work: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path, flags)
  try {
    return await work(file)
  } finally {
    await file.close()
  }
}

async function readAll(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length)
  for (let read = 0; read < length; ) {
    const { bytesRead } = await file.read(bytes, read, length - read, offset + read)
    if (bytesRead === 0) throw new Error(`the file ends before ${offset + length}`)
    read += bytesRead
  }
  return bytes
}
