import { setLogger } from '@grpc/grpc-js'
import { log } from '../../observability/log'

/** What grpc-js has to say goes where everything else does, instead of to stderr in a form of its own. */
export function logAsEverythingElse(): void {
  const said = (level: 'warn' | 'debug') => (message: unknown) =>
    log[level]({ library: 'grpc-js' }, String(message))
  setLogger({ error: said('warn'), info: said('debug'), debug: said('debug') })
}
