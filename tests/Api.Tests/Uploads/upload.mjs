// Uploads a file with tus-js-client through a proxy that cuts each connection after a random number of bytes.
// node upload.mjs FOLDER-OF-TUS-JS-CLIENT ENDPOINT ACCESS-KEY FILE CUTS SEED [PARALLEL]
import { createRequire } from 'node:module';
import fs from 'node:fs';
import net from 'node:net';

const [folder, endpoint, key, file, cuts, seed, parallel] = process.argv.slice(2);
const tus = createRequire(`${folder}/`)('tus-js-client');
const target = new URL(endpoint);
const size = fs.statSync(file).size;
let left = Number(cuts), state = Number(seed), cutCount = 0;
const random = () => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648;

const proxy = net.createServer((client) => {
  const server = net.connect(Number(target.port), target.hostname);
  // Short enough that the upload cannot end before all cuts were made.
  let until = left > 0 ? Math.floor(random() * size / (Number(cuts) + 2)) + 1 : Infinity;
  client.on('data', (bytes) => {
    until -= bytes.length;
    if (until < 0 && left > 0) {
      left--;
      cutCount++;
      client.destroy();
      server.destroy();
    } else if (!server.write(bytes)) {
      client.pause();
      server.once('drain', () => client.resume());
    }
  });
  server.on('data', (bytes) => client.write(bytes));
  for (const [one, other] of [[client, server], [server, client]]) {
    one.on('error', () => other.destroy());
    one.on('close', () => other.destroy());
  }
});

proxy.listen(0, '127.0.0.1', () => {
  const upload = new tus.Upload(fs.createReadStream(file), {
    endpoint: `http://127.0.0.1:${proxy.address().port}${target.pathname}`,
    headers: { Authorization: `Bearer ${key}` },
    retryDelays: Array(400).fill(50),
    chunkSize: parallel ? Infinity : size,
    uploadSize: size,
    parallelUploads: Number(parallel ?? 1),
    metadata: { filename: 'by tus.bin', filetype: 'application/octet-stream' },
    onShouldRetry: () => true,
    onError: (error) => { console.error(String(error)); process.exit(1); },
    onSuccess: () => { console.log(`${cutCount} ${upload.url}`); process.exit(0); },
  });
  upload.start();
});
