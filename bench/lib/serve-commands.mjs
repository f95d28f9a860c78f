// The child's side of the bench: it answers the commands of the process that started it, and ends with it.

/** @param {Record<string, (args: object) => unknown>} commands */
export function serveCommands(commands) {
  process.on('disconnect', () => process.exit(0));
  process.on('message', async ({ id, command, ...args }) => {
    try {
      process.send({ id, result: (await commands[command](args)) ?? null });
    } catch (error) {
      process.send({ id, error: error?.stack ?? String(error) });
    }
  });
}
