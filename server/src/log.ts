import { pino, type DestinationStream, type Logger } from 'pino';
import type { Config } from './config.ts';

/**
 * The relay's log: one JSON line each. A request is its method, its path without the query and where it came from, and
 * never a header, so that no token, cookie, password or door token can get into a line; what is redacted besides is for
 * a line somebody writes by mistake.
 */
export function createLog(level: Config['logLevel'], stream?: DestinationStream): Logger {
  const secret = ['password', 'token', 'hash', 'cookie', 'authorization'];
  const options = {
    level,
    base: null,
    redact: { paths: [...secret, ...secret.map((name) => `*.${name}`)], censor: '(kept out)' },
    serializers: {
      req: (request: { method?: string; url?: string; ip?: string }) => ({
        method: request.method,
        path: request.url?.replace(/[?#].*$/s, ''),
        from: request.ip,
      }),
      res: (reply: { statusCode?: number }) => ({ status: reply.statusCode }),
      err: (error: unknown) => describeError(error),
    },
  };
  return stream === undefined ? pino(options) : pino(options, stream);
}

/** Name, code, message and stack of an error and of its causes, and nothing else that hangs on it. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { message: typeof error };
  return {
    name: error.name,
    ...('code' in error ? { kind: error.code } : {}),
    message: error.message,
    stack: error.stack,
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
}
