import { mkdir } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { type Disk, type DiskFile, realDisk } from '../../src/ledger/spool/disk'

/** The real disk, with a quota, and with a sync that can be made to fail. */
export class FaultyDisk {
  bytesLeft = Number.POSITIVE_INFINITY
  syncFails = false
  readonly disk: Disk = { ...realDisk, create: async (path) => this.#faulty(await realDisk.create(path)) }

  #faulty(file: DiskFile): DiskFile {
    return {
      append: async (bytes) => {
        const fits = bytes.subarray(0, Math.min(bytes.length, this.bytesLeft))
        this.bytesLeft -= fits.length
        await file.append(fits)
        if (fits.length < bytes.length) throw errorOf('ENOSPC')
      },
      sync: async () => {
        if (this.syncFails) throw errorOf('EIO')
        await file.sync()
      },
      close: () => file.close(),
    }
  }
}

interface Inode {
  bytes: Buffer
  synced: Buffer
}

/** A disk in memory that loses, at a power failure, what wasn't synced: bytes of files, and names in folders. */
export class PowerLossDisk {
  #names = new Map<string, Inode>()
  #syncedNames = new Map<string, Inode>()

  readonly disk: Disk = {
    // For the lock.
    makeDir: async (path) => void (await mkdir(path, { recursive: true })),
    list: async (dir) =>
      [...this.#names.keys()]
        .filter((path) => dirname(path) === dir)
        .map((path) => basename(path))
        .sort(),
    read: async (path) => this.#inodeOf(path).bytes,
    readAt: async (path, offset, length) => this.#inodeOf(path).bytes.subarray(offset, offset + length),
    create: async (path) => {
      const inode: Inode = { bytes: Buffer.alloc(0), synced: Buffer.alloc(0) }
      this.#names.set(path, inode)
      return {
        append: async (bytes) => {
          inode.bytes = Buffer.concat([inode.bytes, bytes])
        },
        sync: async () => {
          inode.synced = inode.bytes
        },
        close: async () => undefined,
      }
    },
    remove: async (path) => void this.#names.delete(path),
    rename: async (from, to) => {
      this.#names.set(to, this.#inodeOf(from))
      this.#names.delete(from)
    },
    syncDir: async () => {
      this.#syncedNames = new Map(this.#names)
    },
  }

  /** The disk after a power failure. */
  afterPowerLoss(): PowerLossDisk {
    const left = new PowerLossDisk()
    for (const [path, { synced }] of this.#syncedNames) {
      const inode = { bytes: synced, synced }
      left.#names.set(path, inode)
      left.#syncedNames.set(path, inode)
    }
    return left
  }

  #inodeOf(path: string): Inode {
    const inode = this.#names.get(path)
    if (inode === undefined) throw errorOf('ENOENT')
    return inode
  }
}

function errorOf(code: string): Error {
  return Object.assign(new Error(`${code}: made to fail`), { code })
}
