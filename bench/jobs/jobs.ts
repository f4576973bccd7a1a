import { engineLoad } from './engineLoad'
import { http2Load } from './http2Load'
import { naiveLoad } from './naiveLoad'
import { nodeClientLoad } from './nodeClientLoad'
import { noopServer } from './noopServer'
import { statementLoad } from './statementLoad'
import { streamLoad } from './streamLoad'
import { drainServer, tollgateServer } from './tollgateServer'
import { processUsage } from './usage'

/** Everything that a process of the benchmark can be asked to do. */
export const jobs = {
  engineLoad,
  http2Load,
  naiveLoad,
  nodeClientLoad,
  noopServer,
  statementLoad,
  streamLoad,
  tollgateServer,
  drainServer,
  processUsage,
}

export type Jobs = typeof jobs
