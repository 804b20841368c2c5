import { accessSync, constants, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createSecureContext } from 'node:tls';
import { refuse, accept, type Result } from '@lianban/model';
import * as z from 'zod';

/** Everything a relay is told from outside, checked. */
export interface Config {
  port: number;
  host: string;
  /** Absolute path of the data folder; it exists and can be written. */
  dataFolder: string;
  demo: boolean;
  /** PEM text of the certificate chain and its key; absent when the relay speaks plain HTTP. */
  tls?: { cert: string; key: string };
  /** Addresses that browsers type, as `scheme://host[:port]`; empty when the relay's own address is meant. */
  origins: readonly string[];
  /** Proxies whose `X-Forwarded-*` headers are believed: addresses, networks, or true for every one. */
  trustProxy: boolean | string[];
  logLevel: LogLevel;
  /** Opens `/metrics` to callers from elsewhere; without it only loopback is answered. */
  metricsToken?: string;
}

const LogLevel = z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']);
type LogLevel = z.infer<typeof LogLevel>;

/** Name of the file in a data folder that says it was begun as a demo. */
export const DEMO_MARK = 'demo';

const NOT_YET = ['LIANBAN_UPSTREAM', 'DATABASE_URL', 'REDIS_URL'] as const;

const port = z
  .string()
  .regex(/^\d{1,5}$/)
  .transform(Number)
  .refine((value) => value <= 65_535);
const origin = z.string().refine((value) => URL.canParse(value) && new URL(value).origin === value && value !== 'null');

const Environment = z.object({
  PORT: says(port, 'must be a port, 0 to 65535').default(8700),
  HOST: says(z.string().regex(/^[0-9a-zA-Z.:-]{1,253}$/), 'must be an address or a host name').default('127.0.0.1'),
  LIANBAN_DATA: z.string().default('./.data'),
  LIANBAN_DEMO: says(z.enum(['0', '1']), 'must be 1 or 0').optional(),
  LIANBAN_TLS_CERT: z.string().optional(),
  LIANBAN_TLS_KEY: z.string().optional(),
  LIANBAN_ORIGIN: says(
    z.string().transform(commaList).pipe(z.array(origin)),
    'must be addresses such as https://lianban.example, separated by commas',
  ).default([]),
  LIANBAN_TRUST_PROXY: says(
    z.string().regex(/^(?:[01]|[0-9a-fA-F.:/, ]+|loopback)$/),
    'must be 1, 0, loopback, or addresses and networks separated by commas',
  ).default('0'),
  LIANBAN_METRICS_TOKEN: says(z.string().min(16), 'must have 16 characters or more').optional(),
  LOG_LEVEL: says(LogLevel, `must be one of ${LogLevel.options.join(', ')}`).default('info'),
});

/**
 * Reads the environment. Refuses the first wrong value with `bad-schema` and one line for the person who starts the
 * relay. Makes the data folder when it is missing; changes nothing else.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Result<Config> {
  for (const name of NOT_YET) {
    if (env[name]) return refuse('bad-schema', `${name} is not supported yet; unset it to start.`);
  }
  // an empty variable is one that was not set: that is how shells and unit files clear them
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = Environment.safeParse(set);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return refuse(
      'bad-schema',
      `${issue?.path.join('.')} ${issue?.message}, not ${quoted(env[String(issue?.path[0])])}.`,
    );
  }
  const {
    PORT,
    HOST,
    LIANBAN_DATA,
    LIANBAN_DEMO,
    LIANBAN_TLS_CERT,
    LIANBAN_TLS_KEY,
    LIANBAN_ORIGIN,
    LIANBAN_TRUST_PROXY,
    LIANBAN_METRICS_TOKEN,
    LOG_LEVEL,
  } = parsed.data;
  const tls = readTls(LIANBAN_TLS_CERT, LIANBAN_TLS_KEY);
  if (!tls.ok) return tls;
  const trustProxy =
    LIANBAN_TRUST_PROXY === '0' ? false : LIANBAN_TRUST_PROXY === '1' ? true : commaList(LIANBAN_TRUST_PROXY);
  if (!isLoopback(HOST) && tls.value === undefined && trustProxy === false) {
    return refuse(
      'bad-schema',
      `HOST ${HOST} is not loopback: set LIANBAN_TLS_CERT and LIANBAN_TLS_KEY, or LIANBAN_TRUST_PROXY behind a proxy that speaks TLS.`,
    );
  }
  if (LIANBAN_DEMO === '1' && !isLoopback(HOST)) {
    return refuse('bad-schema', `LIANBAN_DEMO=1 needs a loopback HOST, not ${HOST}: every demo password is known.`);
  }
  const folder = readDataFolder(LIANBAN_DATA);
  if (!folder.ok) return folder;
  const { path: dataFolder, empty, begunAsDemo } = folder.value;
  if (LIANBAN_DEMO === '1' && !empty && !begunAsDemo) {
    return refuse(
      'bad-schema',
      `LIANBAN_DEMO=1 needs an empty data folder: ${dataFolder} holds the data of a relay that is no demo.`,
    );
  }
  // who is behind a proxy, or is called by another name, is reached by others: then nobody gets known passwords unasked
  const isOwn =
    isLoopback(HOST) && trustProxy === false && LIANBAN_ORIGIN.every((at) => isLoopback(new URL(at).hostname));
  const demo = LIANBAN_DEMO === undefined ? isOwn && (empty || begunAsDemo) : LIANBAN_DEMO === '1';
  if (begunAsDemo && !demo) {
    return refuse(
      'bad-schema',
      `LIANBAN_DATA ${dataFolder} was begun as a demo, whose passwords are known: choose another folder.`,
    );
  }
  return accept({
    port: PORT,
    host: HOST,
    dataFolder,
    demo,
    ...(tls.value === undefined ? {} : { tls: tls.value }),
    origins: LIANBAN_ORIGIN,
    trustProxy,
    logLevel: LOG_LEVEL,
    ...(LIANBAN_METRICS_TOKEN === undefined ? {} : { metricsToken: LIANBAN_METRICS_TOKEN }),
  });
}

/** True for the addresses that only this machine can reach. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/** The address people are told: `http://127.0.0.1:8700`. */
export function addressOf(config: Pick<Config, 'host' | 'tls'>, port: number): string {
  const host = config.host.includes(':') && !config.host.startsWith('[') ? `[${config.host}]` : config.host;
  return `${config.tls ? 'https' : 'http'}://${host}:${port}`;
}

function readTls(cert: string | undefined, key: string | undefined): Result<Config['tls']> {
  if (cert === undefined && key === undefined) return accept(undefined);
  if (cert === undefined || key === undefined) {
    const [there, missing] = cert === undefined ? ['KEY', 'CERT'] : ['CERT', 'KEY'];
    return refuse('bad-schema', `LIANBAN_TLS_${there} is set and LIANBAN_TLS_${missing} is not: TLS needs both.`);
  }
  const texts: Record<string, string> = {};
  for (const [name, path] of [
    ['LIANBAN_TLS_CERT', cert],
    ['LIANBAN_TLS_KEY', key],
  ] as const) {
    try {
      texts[name] = readFileSync(path, 'utf8');
    } catch (reason) {
      return refuse('bad-schema', `${name} ${quoted(path)} cannot be read (${codeOf(reason)}).`);
    }
    if (!texts[name]?.includes('-----BEGIN '))
      return refuse('bad-schema', `${name} ${quoted(path)} is not a PEM file.`);
  }
  const pair = { cert: texts['LIANBAN_TLS_CERT'] ?? '', key: texts['LIANBAN_TLS_KEY'] ?? '' };
  try {
    createSecureContext(pair);
  } catch (reason) {
    return refuse(
      'bad-schema',
      `LIANBAN_TLS_CERT and LIANBAN_TLS_KEY are no pair that TLS can use (${codeOf(reason)}).`,
    );
  }
  return accept(pair);
}

function readDataFolder(given: string): Result<{ path: string; empty: boolean; begunAsDemo: boolean }> {
  const path = resolve(given);
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    const names = readdirSync(path).filter((name) => name !== LOCK_FILE && !name.startsWith(`${LOCK_FILE}-`));
    if (names.includes(DEMO_MARK)) accessSync(join(path, DEMO_MARK), constants.R_OK);
    return accept({ path, empty: names.length === 0, begunAsDemo: names.includes(DEMO_MARK) });
  } catch (reason) {
    return refuse('bad-schema', `LIANBAN_DATA ${quoted(path)} cannot be written (${codeOf(reason)}).`);
  }
}

/** Name of the file that keeps two relays out of one data folder; a relay that died leaves it, and that is no harm. */
export const LOCK_FILE = 'relay.lock';

function says<Schema extends z.ZodType>(schema: Schema, message: string): z.ZodType<z.output<Schema>> & Schema {
  // one sentence per variable, whichever of its checks failed
  return z.any().transform((value, context) => {
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  }) as never;
}

function commaList(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function quoted(value: string | undefined): string {
  return JSON.stringify(value ?? '');
}

function codeOf(reason: unknown): string {
  return reason instanceof Error && 'code' in reason ? String(reason.code) : 'unknown';
}
