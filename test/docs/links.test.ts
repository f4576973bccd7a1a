import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { CLIENT_VARIABLES, variableNames } from '../../src/config/environment'
import { packageRoot } from '../../src/packageRoot'
import { PAGES, readPage } from '../support/pageList'

/** Links on a page to what is in the sources: those that lead nowhere. */
function astray(page: string, text: string): string[] {
  return [...withoutBlocks(text).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => {
      const [file = '', anchor] = link.split('#')
      const path = join(dirname(page), file)
      if (file !== '' && !existsSync(join(packageRoot, path))) return true
      return anchor !== undefined && !anchorsOf(file === '' ? text : readPage(path)).includes(anchor)
    })
}

/** As GitHub names headings. */
function anchorsOf(text: string): string[] {
  return [...withoutBlocks(text).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

function withoutBlocks(text: string): string {
  return text.replaceAll(/^ *```[\s\S]*?^ *```$/gm, '')
}

test.each(PAGES)('every link of %s leads somewhere', (page) => {
  expect(astray(page, readPage(page))).toEqual([])
})

test.each([
  ['[a](operator.md) [b](https://tollgate.example) [c](operator.md#upgrading) [d](#here)\n\n## Here', []],
  ['[a](nobody.md)', ['nobody.md']],
  ['[a](operator.md#downgrading)', ['operator.md#downgrading']],
  ['[a](#there)\n\n## Here\n\n```sh\n# there\n```\n', ['#there']],
])('%j', (text, links) => {
  expect(astray('docs/page.md', text)).toEqual(links)
})

/** Name what tests in other languages run. */
const OF_TESTS = ['TOLLGATE_TEST_PYTHON', 'TOLLGATE_TEST_GO', 'TOLLGATE_TEST_GO_DRIVER']

test.each(PAGES)('every variable that %s names is one', (page) => {
  const known = [...variableNames, ...Object.values(CLIENT_VARIABLES), ...OF_TESTS]
  const named = readPage(page).match(/\bTOLLGATE_[A-Z_]*[A-Z]\b/g) ?? []
  // Of several at once, pages have what they begin with: TOLLGATE_TRIAL_…
  const isKnown = (name: string) => known.some((each) => `${each}_`.startsWith(`${name}_`))
  expect(named.filter((name) => !isKnown(name))).toEqual([])
})
