// What a model file says of itself: the JSON document "edge_digits" in its metadata, checked.
//
// ONNX Runtime's JavaScript interface does not hand out metadata, so it is taken from the file. An .onnx file is a
// protobuf message; only its outermost fields are walked, the graph is stepped over as one of them.

const METADATA_PROPS = 14; // field of ModelProto, itself a message of key (1) and value (2)
const METADATA_KEY = "edge_digits";

const SERVED = {
  contract_version: 1,
  alphabet: "0123456789",
  blank: 10,
  strip_height: 28,
  strip_width: 140,
  slots: 5,
  polarity: "bright-on-dark",
  padding: "left",
};

/** The validated document of a model file's bytes; throws an Error that says what does not fit. */
export function readSpec(bytes) {
  const spec = JSON.parse(metadata(bytes).get(METADATA_KEY) ?? "null");
  if (spec === null) throw new Error(`has no metadata "${METADATA_KEY}"; give a model of edge-digits`);
  for (const [key, expected] of Object.entries(SERVED)) {
    if (spec[key] !== expected) throw new Error(`${key} is ${spec[key]}, this program reads ${expected}`);
  }
  for (const [key, low, high] of [["temperature", 0.05, 20], ["reject_threshold", 0, 1]]) {
    const value = spec[key];
    if (!(typeof value === "number" && value >= low && value <= high)) {
      throw new Error(`${key} is ${value}, expected ${low} to ${high}`);
    }
  }
  return spec;
}

function metadata(bytes) {
  const entries = new Map();
  for (const { field, value } of fields(bytes)) {
    if (field !== METADATA_PROPS) continue;
    const entry = Object.fromEntries([...fields(value)].map((part) => [part.field, text(part.value)]));
    entries.set(entry[1], entry[2]);
  }
  return entries;
}

/** The fields of one protobuf message, in order; values of fixed width and numbers come without their value. */
function* fields(bytes) {
  let position = 0;

  function varint() {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      if (position >= bytes.length || factor > 2 ** 63) throw new Error("is no .onnx file, or is cut off");
      const byte = bytes[position++];
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  }

  while (position < bytes.length) {
    const tag = varint();
    const kind = tag % 8;
    let length = 0;
    if (kind === 0) varint();
    else if (kind === 1) length = 8;
    else if (kind === 2) length = varint();
    else if (kind === 5) length = 4;
    else throw new Error("is no .onnx file, or is cut off");
    if (position + length > bytes.length) throw new Error("is no .onnx file, or is cut off");
    const value = kind === 2 ? bytes.subarray(position, position + length) : undefined;
    position += length;
    yield { field: Math.floor(tag / 8), value };
  }
}

function text(bytes) {
  return new TextDecoder().decode(bytes);
}
