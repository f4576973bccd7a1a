import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { build, install, root } from './prepare.mjs'

// --no-install: with the packages that are there, where some were left out on purpose.
if (!process.argv.includes('--no-install')) install()
build('src', ...(existsSync(join(root, 'bench')) ? ['bench'] : []))
