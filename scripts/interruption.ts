/**
 * Resolves when somebody wants this program to end: Ctrl-C, the terminal closed, or a process manager. It may be said
 * more than once (npm and the terminal both say it), and from then on the program is on its own to end.
 */
export function interruption(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => resolve());
  });
}
