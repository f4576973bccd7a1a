// `node scripts/run.mjs <command> …`: installs and compiles what is missing, then runs the command line in this process,
// so that signals reach it directly.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { build, install, root } from './prepare.mjs'

install()
build('src')
const main = join(root, 'dist', 'src', 'main.js')
process.argv[1] = main
createRequire(import.meta.url)(main)
