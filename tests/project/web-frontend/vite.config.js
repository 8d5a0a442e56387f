import process from 'node:process';

const port = Number(process.env.PORT ?? 5173);
const backend = process.env.BACKEND_URL ?? 'http://127.0.0.1:5000';

export default {
  server: { host: '127.0.0.1', port, strictPort: true, proxy: { '/api': backend } },
};
