import { counter, counters, gauge, seriesBy } from '../instruments'

const openStreams = gauge({
  name: 'tollgate_open_streams',
  help: 'StreamSettle connections of this process.',
})
const connected = counter({
  name: 'tollgate_streams_connected_total',
  help: 'StreamSettle connections accepted: streams opened, and opened again after they were cut.',
})
const settlements = seriesBy(
  counters({
    name: 'tollgate_stream_settlements_total',
    help: 'Streams settled, by who ended them; "expiry" are those that no client resumed.',
  }),
  'ended_by',
  ['client', 'expiry', 'operator'],
)
const amendments = counter({
  name: 'tollgate_stream_amendments_total',
  help: 'Streams settled by expiry that a late close corrected.',
})
const extensions = seriesBy(
  counters({
    name: 'tollgate_stream_extensions_total',
    help: "Extensions of streams' holds by outcome; after a denied one the stream keeps its last grant.",
  }),
  'outcome',
  ['extended', 'denied', 'failed'],
)

export const streamMetrics = {
  streamOpened(): void {
    openStreams.add()
    connected.add()
  },
  streamClosed(): void {
    openStreams.add(-1)
  },
  streamSettled(by: keyof typeof settlements): void {
    settlements[by].add()
  },
  streamAmended(): void {
    amendments.add()
  },
  streamExtension(outcome: keyof typeof extensions): void {
    extensions[outcome].add()
  },
}
