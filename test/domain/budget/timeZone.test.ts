import { canonicalTimeZone } from '../../../src/domain/budget/timeZone'

const FIELD = 'budget.window.time_zone'

test.each([
  ['', 'UTC'],
  ['utc', 'UTC'],
  ['Etc/UTC', 'UTC'],
  ['GMT', 'UTC'],
  ['Europe/Berlin', 'Europe/Berlin'],
  ['europe/berlin', 'Europe/Berlin'],
  ['AMERICA/NEW_YORK', 'America/New_York'],
  ['Etc/GMT+5', 'Etc/GMT+5'],
  // Two names of one zone, of which different releases of the tz database prefer different ones.
  ['Asia/Kolkata', 'Asia/Kolkata'],
  ['Asia/Calcutta', 'Asia/Calcutta'],
])('%j is kept as %s', (name, kept) => {
  expect(canonicalTimeZone(name, FIELD)).toBe(kept)
})

test.each([
  'Berlin',
  'Europe/Atlantis',
  '+01:00',
  'UTC+1',
  ' Europe/Berlin',
  'Europe/Berlin\n',
  'Mars',
  'x'.repeat(40),
])('%j is refused, and the error names the field', (name) => {
  expect(() => canonicalTimeZone(name, FIELD)).toThrow(
    `${FIELD} must be a time zone of the IANA database, such as Europe/Berlin`,
  )
})
