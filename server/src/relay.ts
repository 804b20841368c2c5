import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { accept, LianbanError, refuse, type Result } from '@lianban/model';
import type { Logger } from 'pino';
import { buildApp, type App } from './app.ts';
import { DEMO_MARK, type Config } from './config.ts';
import { openDatabase, type Database } from './db/open.ts';
import { DEMO_PASSWORD, loadDemo } from './demo/load.ts';
import type { Deps, RelayIdentity } from './deps.ts';
import { createCompactor } from './docs/compactor.ts';
import { createSqliteUpdateLog } from './docs/sqlite-update-log.ts';
import { createStockDoor } from './docs/stock-door.ts';
import { DOC_MIGRATIONS } from './docs/tables.ts';
import { lockFolder } from './db/folder-lock.ts';
import { systemClock, systemDigest, systemRandom, systemTimers } from './host.ts';
import { createCaseDirectory } from './ledger/case-directory.ts';
import { openLedger } from './ledger/ledger.ts';
import { createSqliteLedgerLog } from './ledger/sqlite-ledger-log.ts';
import { LEDGER_MIGRATIONS } from './ledger/tables.ts';
import { createDevices } from './org/devices.ts';
import { createGate } from './org/gate.ts';
import { readIdentity, relayFacts } from './org/identity.ts';
import { createLockout } from './org/lockout.ts';
import { openOrg } from './org/org.ts';
import { createPasswords } from './org/passwords.ts';
import { createSessions } from './org/sessions.ts';
import { createSetup } from './org/setup.ts';
import { createSignIn } from './org/sign-in.ts';
import { createSqliteOrgStore } from './org/sqlite-org-store.ts';
import { createSqliteSessionStore } from './org/sqlite-session-store.ts';
import { ORG_MIGRATIONS } from './org/tables.ts';
import { relayMetrics } from './relay-metrics.ts';
import { addStockDoor } from './routes/stock-door.ts';

/** How often ended sessions and door tokens are forgotten, ms. */
const SWEEP_EVERY_MS = 10 * 60_000;

/** A relay with its data folder open; it does not listen yet. */
export interface Relay {
  app: App;
  deps: Deps;
  /** Stops answering, lets the door drain, commits what waits and gives the data folder back. */
  close: () => Promise<void>;
}

/**
 * Opens the data folder and puts the relay together. Refuses with `store-blocked` when another relay has the folder and
 * with `store-corrupt` when its database is newer than this program. `onBroken` is called when the disk has failed so
 * that nothing may be written until the relay is started again.
 */
export async function openRelay(options: {
  config: Config;
  log: Logger;
  version: string;
  onBroken?: () => void;
}): Promise<Result<Relay>> {
  const { config, log, version, onBroken } = options;
  const lock = lockFolder(config.dataFolder);
  if (!lock.ok) return lock;
  let database: Database | undefined;
  try {
    if (config.demo) writeFileSync(join(config.dataFolder, DEMO_MARK), 'The passwords of this relay are known.\n');
    database = openDatabase({
      path: join(config.dataFolder, 'lianban.sqlite'),
      migrations: [...DOC_MIGRATIONS, ...ORG_MIGRATIONS, ...LEDGER_MIGRATIONS],
      clock: systemClock,
      onBroken: (fault) => {
        log.fatal({ kind: fault.code, err: fault.error }, 'the disk failed; nothing more is written');
        onBroken?.();
      },
    });
    return accept(await assemble(database, lock.value));
  } catch (reason) {
    await database?.close();
    lock.value.close();
    if (reason instanceof LianbanError && reason.code === 'store-corrupt') {
      return refuse('store-corrupt', reason.message.replace(/^store-corrupt: /, ''));
    }
    throw reason;
  }

  async function assemble(database: Database, folder: { close(): void }): Promise<Relay> {
    const clock = systemClock;
    const random = systemRandom;
    const facts = relayFacts(database);
    const { id, incarnation } = await readIdentity(facts, random);
    const store = createSqliteOrgStore(database);
    const org = await openOrg(store);
    // the relay serves the place that came first: the one it was set up for
    const relay = (): RelayIdentity => ({
      id,
      incarnation,
      jurisdiction: org.directory.jurisdictions[0]?.code ?? null,
    });
    const passwords = await createPasswords();
    const sessions = createSessions(createSqliteSessionStore(database), clock, random);
    const ledgerLog = createSqliteLedgerLog(database);
    const devices = createDevices(await ledgerLog.devices(), (device, person) =>
      ledgerLog.bindDevice(device, person, clock.nowMs()),
    );
    const updateLog = createSqliteUpdateLog(database);
    if (config.demo) {
      await loadDemo({ facts, org, passwords, ledgerLog, devices, updateLog, relay, clock, digest: systemDigest });
    }
    const ledger = await openLedger({ log: ledgerLog, clock, digest: systemDigest, devices, relay });
    const cases = createCaseDirectory(ledger);

    const compactor = createCompactor();
    const gate = createGate({ sessions, org, cases, devices });
    const canStore = (): boolean => database.writer.state === 'ready';
    const door = createStockDoor({ log: updateLog, compactor, gate, clock, timers: systemTimers, out: log, canStore });

    const deps: Deps = {
      version,
      log,
      clock,
      relay,
      org,
      sessions,
      signIn: createSignIn({ store, passwords, lockout: createLockout(clock), sessions }),
      setup: createSetup({ org, passwords, random }),
      ledger,
      ledgerLog,
      cases,
      storage: () => database.writer.state,
      demoPassword: config.demo ? DEMO_PASSWORD : null,
      metrics: relayMetrics({ writer: database.writer, ledger, door }),
      webRoot: fileURLToPath(new URL('../../web/build', import.meta.url)),
    };
    const app = await buildApp(deps, config);
    await addStockDoor(app, door);
    await sessions.sweep();
    const sweeping = setInterval(() => {
      sessions.sweep().catch((error: unknown) => log.error({ err: error }, 'ended sessions could not be removed'));
    }, SWEEP_EVERY_MS);
    sweeping.unref();

    return {
      app,
      deps,
      close: async () => {
        clearInterval(sweeping);
        // closing the application drains the door first
        await app.close();
        await compactor.close();
        await database.close();
        folder.close();
      },
    };
  }
}
