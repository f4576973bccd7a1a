import { build, install } from './prepare.mjs'

// --no-install: with the packages that are there, where some were left out on purpose.
if (!process.argv.includes('--no-install')) install()
build()
