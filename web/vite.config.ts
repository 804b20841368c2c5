import adapter from '@sveltejs/adapter-static';
import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vite';

const relay = `127.0.0.1:${process.env['PORT'] ?? '8700'}`;

export default defineConfig({
  plugins: [
    sveltekit({
      adapter: adapter({ fallback: 'index.html' }),
      csp: { mode: 'hash', directives: { 'script-src': ['self'] } },
    }),
  ],
  server: {
    proxy: {
      '/api': `http://${relay}`,
      '/healthz': `http://${relay}`,
      '/link': { target: `ws://${relay}`, ws: true },
      '/yjs': { target: `ws://${relay}`, ws: true },
    },
  },
});
