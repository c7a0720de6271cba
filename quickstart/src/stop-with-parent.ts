/**
 * Loaded into each child before its own code: when the process that started it is gone, however it went, the child is asked
 * to stop, so that no port stays taken by an orphan.
 */
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
