import { type DoctorContext, type Finding, failed, ok } from './finding'

/** `https://<public key>@<host>/<project>`, which Sentry shows under "Client Keys". */
export async function examineSentry({ config }: DoctorContext): Promise<Finding[]> {
  if (config.sentryDsn === undefined) return [ok('no SENTRY_DSN: alarms are in the log and in the metrics')]
  const { username, hostname, pathname } = new URL(config.sentryDsn)
  const lacks = [
    ...(/^[0-9a-zA-Z]+$/.test(username) ? [] : ['its public key before the @']),
    ...(/\/\d+$/.test(pathname) ? [] : ["the project's number at its end"]),
  ]
  if (lacks.length === 0) return [ok(`SENTRY_DSN has the form of one, for ${hostname}; nothing was sent`)]
  return [
    failed(
      `SENTRY_DSN lacks ${lacks.join(' and ')}`,
      'Copy it from Sentry: Settings, Projects, Client Keys (DSN). It looks like https://<key>@<host>/<number>.',
    ),
  ]
}
