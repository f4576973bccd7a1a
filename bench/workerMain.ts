import { log } from '../src/observability/log'
import { type Jobs, jobs } from './jobs/jobs'

/** The messages to a worker, and its answers. */
export interface JobRequest {
  id: number
  name: keyof Jobs
  args: unknown
}
export type JobAnswer = { id: number; result: unknown } | { id: number; error: string }

log.level = 'error'

process.on('message', ({ id, name, args }: JobRequest) => {
  const job = jobs[name] as (args: unknown) => Promise<unknown>
  job(args).then(
    (result) => answer({ id, result }),
    (error: unknown) =>
      answer({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  )
})
// The parent has ended, or needs this process no more.
process.on('disconnect', () => process.exit())
// Ctrl-C in a terminal reaches every process: the parent ends this one when it has cleaned up.
process.on('SIGINT', () => undefined)

function answer(message: JobAnswer): void {
  process.send?.(message)
}
