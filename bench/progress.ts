/** Shows progress on a terminal, in a line that replaces itself. */
export interface Progress {
  show(what: string): void
  clear(): void
}

export function openProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  if (!stream.isTTY) return { show: () => undefined, clear: () => undefined }
  const clear = () => stream.write('\r\u001b[K')
  return {
    show(what) {
      clear()
      stream.write(what.slice(0, stream.columns - 1))
    },
    clear,
  }
}
