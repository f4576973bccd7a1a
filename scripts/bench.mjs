// `npm run bench -- …`: installs and compiles what is missing, then runs the benchmark in this process.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { build, install, root } from './prepare.mjs'

install()
build('bench')
createRequire(import.meta.url)(join(root, 'dist', 'bench', 'main.js'))
