import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { packageRoot } from '../../src/packageRoot'
import { blocksOf, isAsShown, type PageBlock } from './pageBlocks'

export interface PageRun {
  /** How many blocks succeeded. */
  ran: number
  /** Skipped blocks by line, with the programs that are missing here. */
  leftOut: string[]
  /** The block that failed, and its output; undefined = none. */
  problem: string | undefined
}

const RUN_MS_MAX = 180_000
const MARK = '::block '
const PAGE_PORTS = ['50051', '50052', '9464', '9465']

/**
 * Runs the commands of a page as its reader would: all of its blocks, from top to bottom, in one shell that ends at the
 * first command that fails, in a folder of their own. `tollgate` is this tollgate, and `buf` the one that npm brought. The
 * ports 50051, 50052, 9464 and 9465 are exchanged for free ones. What a block starts in the background is ended with the page.
 * Programs in `without` count as not installed.
 */
export async function runPage(
  page: string,
  environment: Record<string, string>,
  { without = [] }: { without?: readonly string[] } = {},
): Promise<PageRun> {
  const all = blocksOf(readFileSync(resolve(packageRoot, page), 'utf8'))
  const lacks = ({ needs }: PageBlock) => needs.filter((name) => without.includes(name) || !isInstalled(name))
  const blocks = all.filter((block) => lacks(block).length === 0)
  const leftOut = all
    .filter((block) => !blocks.includes(block))
    .map((block) => `line ${block.line}: ${lacks(block).join(', ')}`)
  const folder = mkdtempSync(join(tmpdir(), 'page-'))
  // Another account, such as Postgres', must be able to enter it.
  chmodSync(folder, 0o755)
  try {
    const { printed, code } = await runBlocks(blocks, folder, environment)
    return { ...judged(blocks, printed, code), leftOut }
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
  }
}

export function isInstalled(program: string): boolean {
  return spawnSync('which', [program]).status === 0
}

async function runBlocks(
  blocks: readonly PageBlock[],
  folder: string,
  environment: Record<string, string>,
): Promise<{ printed: string; code: number | null }> {
  const ports = await freePorts()
  const script = [
    'set -euo pipefail',
    'exec 2>&1 </dev/null',
    `trap 'code=$?; kill $(jobs -p) 2>/dev/null || true; wait || true; exit $code' EXIT`,
    ...blocks.map(({ line, text }) => `echo; echo '${MARK}${line}'\n${text}`),
  ]
  const child = spawn('bash', ['-c', withPorts(script.join('\n'), ports)], {
    cwd: folder,
    env: {
      HOME: folder,
      TOLLGATE_GRPC_PORT: withPorts('50051', ports),
      TOLLGATE_METRICS_PORT: withPorts('9464', ports),
      TOLLGATE_LOG_LEVEL: 'warn',
      ...environment,
      PATH: `${programsIn(folder)}:${process.env['PATH']}`,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let printed = ''
  child.stdout.on('data', (chunk) => {
    printed += chunk
  })
  const timer = setTimeout(() => child.kill('SIGTERM'), RUN_MS_MAX)
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  clearTimeout(timer)
  return { printed, code }
}

function withPorts(text: string, ports: ReadonlyMap<string, number>): string {
  return text.replaceAll(/\b(50051|50052|9464|9465)\b/g, (port) => String(ports.get(port)))
}

/** A folder with the programs that the page calls by name. */
function programsIn(folder: string): string {
  const programs = join(folder, '.programs')
  mkdirSync(programs)
  const program = (name: string, ...command: string[]) =>
    writeFileSync(
      join(programs, name),
      `#!/bin/sh\nexec ${command.map((part) => `'${part}'`).join(' ')} "$@"\n`,
      {
        mode: 0o755,
      },
    )
  program('tollgate', process.execPath, join(__dirname, 'fromSource.js'), 'src/main')
  program('buf', process.execPath, join(packageRoot, 'node_modules/@bufbuild/buf/bin/buf'))
  return programs
}

function judged(
  blocks: readonly PageBlock[],
  printed: string,
  code: number | null,
): Pick<PageRun, 'ran' | 'problem'> {
  const [, ...parts] = printed.split(`\n${MARK}`)
  const outputs = parts.map((part) => part.slice(part.indexOf('\n') + 1))
  for (const [index, { line, expected }] of blocks.entries()) {
    const output = outputs[index]
    const isLast = index === outputs.length - 1
    if (output === undefined || (isLast && code !== 0))
      return { ran: index, problem: `line ${line} ended with ${code}:\n${output ?? printed}` }
    if (expected !== undefined && !isAsShown(output, expected))
      return { ran: index, problem: `line ${line} printed something else than the page shows:\n${output}` }
  }
  return { ran: blocks.length, problem: undefined }
}

/** For each of those that pages name. */
async function freePorts(): Promise<Map<string, number>> {
  const servers = PAGE_PORTS.map(() => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return new Map(PAGE_PORTS.map((port, index) => [port, ports[index] as number]))
}
