// Shows that the rules about the chart notice: what it renders is damaged, and the rule must complain; each of them at least once.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { root } from '../prepare.mjs'
import { CASES } from './chart/cases.mjs'
import { DAMAGES } from './chart/damages.mjs'
import { render } from './chart/render.mjs'
import { problemsOf } from './chart/rules.mjs'

const folder = join(root, 'scripts', 'check', 'chart')
const complaints = []

for (const [name, damages] of Object.entries(DAMAGES)) {
  const whole = render(CASES.find((each) => each.name === name))
  for (const [damage, says] of damages) {
    const { isKnown, ...rendered } = whole
    const damaged = { ...structuredClone(rendered), isKnown }
    damage(damaged)
    const problems = problemsOf(damaged)
    complaints.push(...problems)
    if (!problems.some((problem) => problem.includes(says)))
      fail(`${name}: damage (${damage}) raises no "${says}", but: ${problems.join('; ') || 'nothing'}`)
  }
}
for (const complaint of possible())
  if (!complaints.some((text) => complaint.every((part) => text.includes(part))))
    fail(`no damage shows that "${complaint.join('…')}" is ever said`)

/** Every complaint in the sources of the rules, its fixed parts: a text with spaces that nothing is compared with. */
function possible() {
  const imported = [...read('rules.mjs').matchAll(/from '\.\/(.*)'/g)].map(([, file]) => file)
  const found = []
  const visit = (node) => {
    const isCompared = node.parent && (ts.isBinaryExpression(node.parent) || ts.isCallExpression(node.parent))
    const parts = isCompared ? undefined : partsOf(node)
    if (parts?.some((part) => /[a-z] |[a-z]+ [a-z]/.test(part))) found.push(parts)
    return ts.forEachChild(node, visit)
  }
  for (const file of ['rules.mjs', ...imported])
    visit(ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest, true))
  return found
}

function partsOf(node) {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return [node.text]
  if (!ts.isTemplateExpression(node)) return undefined
  return [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)]
}

function read(file) {
  return readFileSync(join(folder, file), 'utf8')
}

function fail(text) {
  process.stdout.write(`${text}\n`)
  process.exitCode = 1
}
