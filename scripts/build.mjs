import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { build, install, root } from './prepare.mjs'

// --no-install: the image leaves some packages out on purpose.
if (!process.argv.includes('--no-install')) install()
build('src', ...(existsSync(join(root, 'bench')) ? ['bench'] : []))
