import { once } from 'node:events'
import { createServer } from 'node:net'
import { type DoctorContext, type Finding, failed, ok, warning } from './finding'

/** Whether `serve` could listen on its ports. */
export async function examinePorts({ config, serverRuns }: DoctorContext): Promise<Finding[]> {
  const places = [
    { what: 'gRPC', variable: 'TOLLGATE_GRPC', ...config.grpc },
    { what: 'metrics', variable: 'TOLLGATE_METRICS', ...config.metrics },
  ]
  return Promise.all(places.map((place) => examinePort(place, serverRuns)))
}

interface Place {
  what: string
  variable: string
  host: string
  port: number
}

async function examinePort({ what, variable, host, port }: Place, serverRuns: boolean): Promise<Finding> {
  const place = `${host.includes(':') ? `[${host}]` : host}:${port}`
  const server = createServer()
  try {
    server.listen(port, host)
    await once(server, 'listening')
    return ok(`${what} can be served on ${place}`)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE' && serverRuns) return ok(`${what}: something serves on ${place}`)
    if (code === 'EADDRINUSE')
      return warning(
        `${place} (${what}) is taken by a process that runs`,
        `If that is no tollgate of yours, set ${variable}_PORT to another port, or to 0 for any free one.`,
      )
    return failed(
      `${what} can't be served on ${place}: ${message}`,
      `Set ${variable}_HOST to an address of this machine, and ${variable}_PORT to a port that this account may use.`,
    )
  } finally {
    server.close()
  }
}
