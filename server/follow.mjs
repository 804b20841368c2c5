// Loaded into every process that the starter starts. When the starter is gone, however it went, the channel to it closes,
// and this process, with all that it started, is asked to stop as a person would ask it.

if (process.channel) {
  process.channel.unref();
  process.once('disconnect', () => {
    try {
      process.kill(-process.pid, 'SIGTERM');
    } catch {
      // it leads no group of its own
      process.kill(process.pid, 'SIGTERM');
    }
  });
}
