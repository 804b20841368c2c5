import pkg from '../package.json' with { type: 'json' };
import { addressOf, readConfig } from './config.ts';

/** Connections the system holds until the relay takes them: after an outage a whole county comes back at once. */
const BACKLOG = 4096;
/** A stop that takes longer than this is cut short, ms. */
const STOP_WITHIN_MS = 5_000;
/** A start that was refused: wrong environment, folder in use, newer data. */
const EXIT_REFUSED = 2;

const config = readConfig(process.env);
if (!config.ok) giveUp(config.detail);

let close = (): Promise<void> => Promise.resolve();
let stopping = false;
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(0));
// a starter that is gone cannot stop its relay any more
process.on('disconnect', () => void stop(0));

// loaded only now: a wrong environment is answered before seconds are spent on what it will not run
const [{ createLog }, { openRelay }, { boundPort }, { demoAccounts }] = await Promise.all([
  import('./log.ts'),
  import('./relay.ts'),
  import('./plugins/origin.ts'),
  import('./routes/demo.ts'),
]);
const log = createLog(config.value.logLevel);
const opened = await openRelay({ config: config.value, log, version: pkg.version, onBroken: () => void stop(1) }).catch(
  (reason: unknown) => giveUp(reason instanceof Error ? reason.message : String(reason)),
);
if (!opened.ok) giveUp(`${opened.detail}.`);
close = opened.value.close;
const { app, deps } = opened.value;

await app
  .listen({ host: config.value.host, port: config.value.port, backlog: BACKLOG })
  .catch(async (reason: unknown) => {
    await close();
    const code = reason instanceof Error && 'code' in reason ? String(reason.code) : String(reason);
    giveUp(
      code === 'EADDRINUSE'
        ? `PORT ${config.value.port} is in use.`
        : `HOST ${config.value.host} cannot be used (${code}).`,
    );
  });

const address = addressOf(config.value, boundPort(app) ?? config.value.port);
const told = config.value.origins[0] ?? address;
say(`Lianban is ready at ${address}`);
if (config.value.origins.length === 0 && (config.value.trustProxy !== false || !isReachableAs(config.value.host))) {
  say(`Browsers are let in at ${address} alone: set LIANBAN_ORIGIN to what people type.`);
}
if (deps.demoPassword !== null) {
  say(`Demo: every account below has the password ${deps.demoPassword}`);
  for (const { account, name, department, roles } of demoAccounts(deps.org)) {
    say(`  ${account.padEnd(12)}${roles.join(', ').padEnd(13)}${name.zh} ${name.en}, ${department.name.zh}`);
  }
} else if (deps.setup.code !== null) {
  say(`Nobody has an account yet. Set this relay up, once, at ${told}/setup?code=${deps.setup.code}`);
}

/** Ends the process: nothing new comes in, what was taken is committed. */
async function stop(code: number): Promise<void> {
  if (stopping) return;
  stopping = true;
  setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
  await close();
  process.exit(code);
}

function giveUp(why: string): never {
  process.stderr.write(`Lianban does not start: ${why.split('\n', 1)[0]}\n`);
  process.exit(EXIT_REFUSED);
}

/** False for the addresses that mean every address of the machine: nobody types those. */
function isReachableAs(host: string): boolean {
  return !/^(?:0\.0\.0\.0|\[?::\]?)$/.test(host);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
