import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { DEMO_MARK, isLoopback, readConfig } from './config.ts';
import { TEST_CERT, TEST_KEY } from './tls-for-tests.ts';

describe('the environment', () => {
  const root = mkdtempSync(join(tmpdir(), 'lianban-config-'));
  const [cert, key] = [join(root, 'cert.pem'), join(root, 'key.pem')];
  writeFileSync(cert, TEST_CERT);
  writeFileSync(key, TEST_KEY);
  writeFileSync(join(root, 'text'), 'no key');
  let data: string;
  let count = 0;
  beforeEach(() => {
    data = join(root, `data-${count++}`);
  });
  afterAll(() => rmSync(root, { recursive: true }));
  const read = (env: Record<string, string> = {}) => readConfig({ LIANBAN_DATA: data, ...env });
  const value = (env: Record<string, string> = {}) => {
    const config = read(env);
    if (!config.ok) throw new Error(config.detail);
    return config.value;
  };

  it('needs nothing', () => {
    expect(value()).toEqual({
      port: 8700,
      host: '127.0.0.1',
      dataFolder: data,
      demo: true,
      origins: [],
      trustProxy: false,
      logLevel: 'info',
    });
    expect(value({ PORT: '', HOST: '', LIANBAN_DEMO: '' })).toMatchObject({
      port: 8700,
      host: '127.0.0.1',
      demo: true,
    });
  });

  it('takes what is set', () => {
    const env = {
      PORT: '443',
      HOST: '0.0.0.0',
      LIANBAN_TLS_CERT: cert,
      LIANBAN_TLS_KEY: key,
      LIANBAN_ORIGIN: 'https://a.example, https://b.example:8443',
      LIANBAN_TRUST_PROXY: '10.0.0.0/8, ::1',
      LIANBAN_METRICS_TOKEN: '0123456789abcdef',
      LOG_LEVEL: 'warn',
    };
    expect(value(env)).toMatchObject({
      port: 443,
      host: '0.0.0.0',
      demo: false,
      tls: { cert: expect.stringContaining('BEGIN') as string },
      origins: ['https://a.example', 'https://b.example:8443'],
      trustProxy: ['10.0.0.0/8', '::1'],
      metricsToken: '0123456789abcdef',
      logLevel: 'warn',
    });
    expect(value({ LIANBAN_TRUST_PROXY: '1', HOST: '::' })).toMatchObject({ trustProxy: true });
  });

  it.each([
    ['PORT', '65536'],
    ['PORT', 'http'],
    ['PORT', '-1'],
    ['PORT', '80.5'],
    ['HOST', 'not a host'],
    ['LIANBAN_DEMO', 'yes'],
    ['LIANBAN_ORIGIN', 'lianban.example'],
    ['LIANBAN_ORIGIN', 'https://a.example/'],
    ['LIANBAN_ORIGIN', '*'],
    ['LIANBAN_TRUST_PROXY', 'everyone'],
    ['LIANBAN_METRICS_TOKEN', 'short'],
    ['LOG_LEVEL', 'loud'],
    ['LIANBAN_UPSTREAM', 'https://city.example'],
    ['DATABASE_URL', 'postgres://x'],
    ['REDIS_URL', 'redis://x'],
    ['LIANBAN_DATA', '/dev/null/data'],
    ['LIANBAN_DATA', '/dev/null'],
  ])('refuses %s=%s in one sentence that names it', (name, given) => {
    const config = read({ [name]: given });
    expect(config).toMatchObject({ ok: false, code: 'bad-schema' });
    if (!config.ok) expect(config.detail).toMatch(new RegExp(`^${name} .*[.]$`));
  });

  it('refuses half a TLS pair, files that cannot be read and files that are none', () => {
    expect(read({ LIANBAN_TLS_CERT: cert })).toMatchObject({
      detail: expect.stringContaining('LIANBAN_TLS_KEY is not') as string,
    });
    expect(read({ LIANBAN_TLS_KEY: key })).toMatchObject({
      detail: expect.stringContaining('LIANBAN_TLS_CERT is not') as string,
    });
    expect(read({ LIANBAN_TLS_CERT: cert, LIANBAN_TLS_KEY: join(root, 'none') })).toMatchObject({
      detail: expect.stringContaining('cannot be read (ENOENT)') as string,
    });
    expect(read({ LIANBAN_TLS_CERT: cert, LIANBAN_TLS_KEY: join(root, 'text') })).toMatchObject({
      detail: expect.stringContaining('not a PEM file') as string,
    });
  });

  it('refuses a certificate with the key of another, and a key in place of a certificate', () => {
    for (const [LIANBAN_TLS_CERT, LIANBAN_TLS_KEY] of [
      [key, key],
      [cert, cert],
    ] as const) {
      expect(read({ LIANBAN_TLS_CERT, LIANBAN_TLS_KEY })).toMatchObject({
        detail: expect.stringContaining('no pair') as string,
      });
    }
  });

  it('refuses a host that others can reach without TLS or a trusted proxy', () => {
    for (const HOST of ['0.0.0.0', '::', '192.168.1.5', 'relay.example']) {
      expect(read({ HOST })).toMatchObject({ detail: expect.stringContaining('not loopback') as string });
    }
    expect(['127.0.0.1', '127.9.9.9', '::1', 'localhost'].every(isLoopback)).toBe(true);
    expect(['127.0.0.1.example', '128.0.0.1', '0.0.0.0', ''].some(isLoopback)).toBe(false);
  });

  it('is a demo on loopback over an empty folder or one begun as a demo, and nowhere else', () => {
    const proxied = { HOST: '0.0.0.0', LIANBAN_TRUST_PROXY: '1' };
    expect(value(proxied).demo).toBe(false);
    expect(value({ LIANBAN_DEMO: '0' }).demo).toBe(false);
    expect(read({ ...proxied, LIANBAN_DEMO: '1' })).toMatchObject({
      detail: expect.stringContaining('loopback') as string,
    });

    // loopback behind a proxy, or by a name that others use, is reached by others all the same
    expect(value({ LIANBAN_TRUST_PROXY: 'loopback' }).demo).toBe(false);
    expect(value({ LIANBAN_ORIGIN: 'https://lianban.example' }).demo).toBe(false);
    expect(value({ LIANBAN_ORIGIN: 'http://localhost:5173,http://[::1]:8700' }).demo).toBe(true);

    mkdirSync(data, { recursive: true });
    writeFileSync(join(data, 'lianban.sqlite'), '');
    expect(value().demo).toBe(false);
    expect(read({ LIANBAN_DEMO: '1' })).toMatchObject({ detail: expect.stringContaining('no demo') as string });

    writeFileSync(join(data, DEMO_MARK), '');
    expect(value().demo).toBe(true);
    expect(read({ LIANBAN_DEMO: '0' })).toMatchObject({ detail: expect.stringContaining('begun as a demo') as string });
    expect(read(proxied)).toMatchObject({ detail: expect.stringContaining('begun as a demo') as string });
  });

  it('refuses a folder that cannot be written', ({ skip }) => {
    if (process.getuid?.() === 0) skip('root writes everywhere');
    mkdirSync(data);
    chmodSync(data, 0o500);
    expect(read()).toMatchObject({ detail: expect.stringContaining('cannot be written (EACCES)') as string });
  });
});
