/**
 * Whether a total says that the input leaves its cache out: the total is more than input and output
 * by the cache alone.
 */
export function isCacheBeside(
  total: bigint | undefined,
  { input, output, cache }: { input: bigint; output: bigint; cache: bigint },
): boolean {
  return cache > 0n && total === input + output + cache
}
