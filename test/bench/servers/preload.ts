// Loaded into every server before its own code. SIGUSR2 collects garbage, so that memory is read at rest. With
// LIANBAN_BENCH_LIFT=1 the relay's door reads one connection as fast as it can: its limits are meant for one person, and
// a saturated benchmark asks what the machine can do. Nothing else of a server is touched.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isMainThread } from 'node:worker_threads';

const FREE = { perSecond: 1e9, burst: 1e9 };

if (isMainThread) {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  process.on('SIGUSR2', () => collect());
  if (process.env['LIANBAN_BENCH_LIFT'] === '1') {
    const limits = new URL('../../../server/src/docs/limits.ts', import.meta.url);
    const { DOOR_LIMITS } = (await import(limits.href)) as { DOOR_LIMITS: object };
    Object.assign(DOOR_LIMITS, { messages: FREE, bytes: FREE });
  }
}
