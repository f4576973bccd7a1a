import { flushLog, log } from '../../src/observability/log'

// Run as a process of its own, to see what the log writes.
log.info({ port: 1 }, 'ready')
flushLog()
