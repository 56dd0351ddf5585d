// How large Workers are as they are deployed: compressed, as Cloudflare counts.

import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** Bytes of each bundle, by its name. */
export const gzipped = (folders) =>
  Object.fromEntries(folders.map((folder) => {
    const sizes = ['index.js', 'worker.js', 'index_bg.wasm'].map((file) => gzipSync(readFileSync(join(folder, file))).length);
    return [basename(folder), sizes.reduce((sum, size) => sum + size)];
  }));
