// Read strips with the model of edge-digits in ONNX Runtime for Node.js: one JSON line each.
//
//   node read-strip.mjs MODEL.onnx STRIP.png ...
//
// A strip is a picture of 140×28 pixels, ink bright on a dark ground. Exit: 0 all good, 1 some file failed, 2 usage.

import "./no-telemetry.mjs"; // before ONNX Runtime

import { readFile } from "node:fs/promises";
import process from "node:process";

import ort from "onnxruntime-node";
import { PNG } from "pngjs";

import { decode } from "./decode.mjs";
import { readSpec } from "./model-spec.mjs";

const HEADS = ["digit1", "digit2", "digit3", "digit4", "digit5"];
const CLASSES = 11;
const [HEIGHT, WIDTH] = [28, 140];

// One thread that sleeps when there is nothing to do: a network this small gains nothing from more.
const SESSION = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: "sequential",
  enableCpuMemArena: false,
  logSeverityLevel: 3,
  extra: { session: { intra_op: { allow_spinning: "0" }, inter_op: { allow_spinning: "0" } } },
};

async function loadModel(path) {
  try {
    const bytes = await readFile(path);
    const spec = readSpec(bytes); // from the same bytes as the session, so that they cannot differ
    return { spec, session: await ort.InferenceSession.create(bytes, SESSION) };
  } catch (error) {
    throw new Error(`model ${path}: ${error.message}`);
  }
}

/** The grey pixels of a strip, row by row. */
async function loadStrip(path) {
  let picture;
  try {
    picture = PNG.sync.read(await readFile(path));
  } catch (error) {
    throw new Error(`${path}: ${error.message}; give a PNG file`);
  }
  if (picture.width !== WIDTH || picture.height !== HEIGHT) {
    throw new Error(`${path}: ${picture.width}×${picture.height} pixels, expected ${WIDTH}×${HEIGHT}`);
  }
  const pixels = new Uint8Array(HEIGHT * WIDTH);
  for (let index = 0; index < pixels.length; index++) pixels[index] = picture.data[4 * index]; // red of a grey RGBA
  return pixels;
}

/** Five arrays of eleven probabilities for each strip; all strips in one run. */
async function run(session, strips) {
  const pixels = new Uint8Array(strips.length * HEIGHT * WIDTH);
  strips.forEach((strip, index) => pixels.set(strip, index * HEIGHT * WIDTH));
  const heads = await session.run({ strip: new ort.Tensor("uint8", pixels, [strips.length, HEIGHT, WIDTH, 1]) }, HEADS);
  return strips.map((_, row) => HEADS.map((name) => probabilities(heads[name].data, row)));
}

function probabilities(head, row) {
  const slot = head.subarray(row * CLASSES, (row + 1) * CLASSES);
  const sum = slot.reduce((total, value) => total + value, 0);
  // Quantised heads may miss 1 by a few hundredths; scores that are no probabilities miss it by far.
  if (!(Math.min(...slot) >= 0 && Math.abs(sum - 1) < 0.1)) {
    throw new Error("the model's heads give no probabilities; give a model of edge-digits");
  }
  return slot;
}

async function main([modelPath, ...stripPaths]) {
  if (stripPaths.length === 0) {
    console.error("usage: node read-strip.mjs MODEL.onnx STRIP.png ...");
    return 2;
  }
  const { spec, session } = await loadModel(modelPath);
  const results = await Promise.allSettled(stripPaths.map(loadStrip));
  const good = results.flatMap((result, index) => (result.status === "fulfilled" ? [index] : []));
  const rows = good.length ? await run(session, good.map((index) => results[index].value)) : [];
  rows.forEach((slots, row) => console.log(JSON.stringify({ path: stripPaths[good[row]], ...decode(slots, spec) })));
  for (const result of results) if (result.status === "rejected") console.error(result.reason.message);
  return good.length === results.length ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
