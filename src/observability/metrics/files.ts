import { counters, gauges, type Series } from '../instruments'

const reads = counters({
  name: 'tollgate_file_reads_total',
  help: 'Tokens and TLS files read, at the start and when they changed, by outcome; "refused" leaves the last good ones in force.',
})
const inForce = gauges({
  name: 'tollgate_file_in_force',
  help: '1 while the content of the file is in force, 0 while the file is broken and its last good content is used.',
})
const certificateExpiry = gauges({
  name: 'tollgate_tls_certificate_expiry_timestamp_seconds',
  help: 'When the served certificate expires, since 1970. Absent without TLS.',
})
let expiry: Series | undefined

export type WatchedFileKind = 'tokens' | 'tls'

const watched = new Map<WatchedFileKind, FileSeries>()

interface FileSeries {
  used: Series
  refused: Series
  inForce: Series
}

export const fileMetrics = {
  fileRead(file: WatchedFileKind, outcome: 'used' | 'refused'): void {
    const of = seriesOf(file)
    of[outcome].add()
    of.inForce.set(outcome === 'used' ? 1 : 0)
  },
  certificateExpires(atMs: number): void {
    expiry ??= certificateExpiry.series({})
    expiry.set(Math.floor(atMs / 1_000))
  },
}

/** There from the first read: a process without such a file says nothing about it. */
function seriesOf(file: WatchedFileKind): FileSeries {
  const known = watched.get(file)
  if (known !== undefined) return known
  const made = {
    used: reads.series({ file, outcome: 'used' }),
    refused: reads.series({ file, outcome: 'refused' }),
    inForce: inForce.series({ file }),
  }
  watched.set(file, made)
  return made
}
