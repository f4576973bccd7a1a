// Tests cause errors on purpose, so the log is quiet; TOLLGATE_LOG_LEVEL=debug shows everything.
process.env['TOLLGATE_LOG_LEVEL'] ??= 'silent'
