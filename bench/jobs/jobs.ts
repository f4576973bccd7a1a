import { budgetLoad } from './budgetLoad'
import { engineLoad } from './engineLoad'
import { fillLedger } from './fillLedger'
import { http2Load } from './http2Load'
import { naiveLoad } from './naiveLoad'
import { nodeClientLoad } from './nodeClientLoad'
import { noopServer } from './noopServer'
import { readsLoad } from './readsLoad'
import { reconcileAll } from './reconcileAll'
import { reconcileBeside } from './reconcileBeside'
import { sampleAnswers } from './sampleAnswers'
import { stages } from './stages'
import { statementLoad } from './statementLoad'
import { closeStreams, openStreams, sendProgress, streamCycles } from './streams'
import { drainServer, tollgateServer } from './tollgateServer'
import { processUsage } from './usage'

/** The jobs that a process of the benchmark can do. */
export const jobs = {
  budgetLoad,
  engineLoad,
  http2Load,
  naiveLoad,
  nodeClientLoad,
  noopServer,
  sampleAnswers,
  stages,
  statementLoad,
  closeStreams,
  openStreams,
  sendProgress,
  streamCycles,
  tollgateServer,
  drainServer,
  processUsage,
  fillLedger,
  readsLoad,
  reconcileAll,
  reconcileBeside,
}

export type Jobs = typeof jobs
