// What goes wrong on purpose need not be told; TOLLGATE_LOG_LEVEL=debug shows everything.
process.env['TOLLGATE_LOG_LEVEL'] ??= 'silent'
