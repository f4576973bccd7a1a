// What src/config/config.ts says of environments, a JSON list on stdin: a list of complaints for each, on stdout.
const { readFileSync } = require('node:fs')
const { configProblems, variables } = require('../../../src/config/config')

const environments = JSON.parse(readFileSync(0, 'utf8'))
const judged = environments.map((environment) => [
  ...Object.keys(environment)
    .filter((name) => !(name in variables))
    .map((name) => `there is no variable ${name}`),
  // That files are mounted is seen elsewhere; here any that can be read will do.
  ...configProblems(
    Object.fromEntries(
      Object.entries(environment).map(([name, value]) => [name, name.endsWith('_FILE') ? __filename : value]),
    ),
  ),
])
process.stdout.write(JSON.stringify(judged))
