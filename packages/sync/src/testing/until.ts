/** Lets everything that is ready run until `holds`, at most `turns` turns of the event loop; then throws `what`. */
export async function until(what: string, holds: () => boolean, turns = 2_000): Promise<void> {
  for (let turn = 0; turn < turns; turn++) {
    if (holds()) return;
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  throw new Error(`it never came about: ${what}`);
}

/** Lets everything that is ready run, and what becomes ready by it, for `turns` turns of the event loop. */
export async function turns(count = 20): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}
