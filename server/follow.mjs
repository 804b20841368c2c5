// Loaded into every process that the starter starts. When the starter is gone, however it went, the channel to it closes,
// and this process is asked to stop as a person would ask it.

if (process.channel) {
  process.channel.unref();
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
}
