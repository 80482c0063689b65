// Writes the lines of trips that the core computes in WebAssembly to standard output:
//
//     node parity/run.mjs wayfare_parity.wasm SEED FROM TO
//
// The last line on standard error says how long the computation took, as JSON.

import { readFileSync, writeSync } from "node:fs";

// As many as `TRIPS_PER_CHUNK` of the library.
const TRIPS_PER_CHUNK = 64n;
const STDOUT = 1;

const [path, ...numbers] = process.argv.slice(2);
const [seed, from, to] = numbers.map(BigInt);

const module = new WebAssembly.Module(readFileSync(path));
const { run, chunk, memory } = new WebAssembly.Instance(module, {}).exports;

let computed_ms = 0;
for (let next = from; next < to; next += TRIPS_PER_CHUNK) {
  const end = next + TRIPS_PER_CHUNK < to ? next + TRIPS_PER_CHUNK : to;
  const started = performance.now();
  const length = run(seed, next, end) >>> 0;
  computed_ms += performance.now() - started;
  // The memory moves when it grows: look at it anew each time.
  const bytes = new Uint8Array(memory.buffer, chunk() >>> 0, length);
  for (let written = 0; written < length; ) {
    written += writeSync(STDOUT, bytes, written);
  }
}
console.error(JSON.stringify({ computed_ms: Math.round(computed_ms) }));
