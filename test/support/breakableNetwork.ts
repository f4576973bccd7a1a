import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { ConnectionSettings } from '../../src/database/database'

/** A way to Postgres that can be broken, and mended, as a whole. */
export interface BreakableNetwork {
  /** The way to the database through it. */
  connection: ConnectionSettings
  /** Cuts every connection and accepts none. */
  break(): void
  mend(): void
  close(): void
}

/** `connection` is that of a test database: a unix socket. */
export async function breakableNetwork({
  host = '',
  port = 5432,
  ...rest
}: ConnectionSettings): Promise<BreakableNetwork> {
  const sockets = new Set<Socket>()
  let isBroken = false
  const server = createServer((near) => {
    if (isBroken) {
      near.resetAndDestroy()
      return
    }
    const far = connect(`${host}/.s.PGSQL.${port}`)
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket)
      socket
        .on('error', () => undefined)
        .on('close', () => {
          sockets.delete(socket)
          other.destroy()
        })
      socket.pipe(other)
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    connection: { ...rest, host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    break() {
      isBroken = true
      for (const socket of sockets) socket.destroy()
    },
    mend() {
      isBroken = false
    },
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
