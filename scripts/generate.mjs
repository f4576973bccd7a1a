// Generates the types of messages and services, and the descriptor set, from proto/. `node scripts/generate.mjs [folder]`.
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { install, root, run } from './prepare.mjs'

const protoFiles = [
  'tollgate/billing/v1/billing_service.proto',
  'tollgate/billing/v1/admin_services.proto',
  'tollgate/billing/v1/budget_service.proto',
  'google/rpc/error_details.proto',
  'google/rpc/status.proto',
  'grpc/health/v1/health.proto',
  // v1alpha has the same messages in a package of another name.
  'grpc/reflection/v1/reflection.proto',
]

/** Writes `generated/` and `descriptors.binpb` into a folder. */
export function generate(outDir) {
  rmSync(join(outDir, 'generated'), { recursive: true, force: true })
  run(
    process.execPath,
    join('node_modules', '@grpc', 'proto-loader', 'build', 'bin', 'proto-loader-gen-types.js'),
    ...['--longs=String', '--enums=String', '--defaults', '--oneofs', '--includeComments'],
    ...['--grpcLib=@grpc/grpc-js', `--outDir=${join(outDir, 'generated')}`, '--includeDirs=proto', '--'],
    ...protoFiles,
  )
  // Beside the packages there is a file for each proto file, with types of a way of loading that we don't use.
  for (const { name, parentPath } of readdirSync(join(outDir, 'generated'), { withFileTypes: true }))
    if (name.endsWith('.ts')) rmSync(join(parentPath, name))
  run(
    process.execPath,
    join('node_modules', '@bufbuild', 'buf', 'bin', 'buf'),
    ...['build', '--as-file-descriptor-set', '--output', join(outDir, 'descriptors.binpb')],
  )
}

if (process.argv[1] === import.meta.filename) {
  install()
  generate(process.argv[2] ?? join(root, 'src', 'wire'))
}
