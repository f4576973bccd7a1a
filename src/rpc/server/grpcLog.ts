import { setLogger } from '@grpc/grpc-js'
import { log } from '../../observability/log'

/** Sends the messages of grpc-js to our log; by itself it writes them to stderr in its own format. */
export function routeGrpcLogs(): void {
  const write = (level: 'warn' | 'debug') => (message: unknown) =>
    log[level]({ library: 'grpc-js' }, String(message))
  setLogger({ error: write('warn'), info: write('debug'), debug: write('debug') })
}
