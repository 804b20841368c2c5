import adapter from '@sveltejs/adapter-static';
import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vite';

const relay = `127.0.0.1:${process.env['PORT'] ?? '8700'}`;
// while developing, the page comes from another port than the relay; the relay sees its own origin all the same
const headers = { origin: `http://${relay}` };

export default defineConfig({
  plugins: [
    sveltekit({
      adapter: adapter({ fallback: 'index.html' }),
      csp: { mode: 'hash', directives: { 'script-src': ['self'] } },
    }),
  ],
  server: {
    proxy: {
      '/api': { target: `http://${relay}`, headers },
      '/healthz': { target: `http://${relay}`, headers },
      '/link': { target: `ws://${relay}`, ws: true, headers },
      '/yjs': { target: `ws://${relay}`, ws: true, headers },
    },
  },
});
