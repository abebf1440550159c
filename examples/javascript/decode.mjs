// Probabilities of the five slots -> a reading; the same steps as edge_runtime/recognition/decode.py.

const SLOTS = 5;
const BLANK = 10;
const TINY = 1e-12; // stands for a probability of zero

/** slots: five arrays of eleven probabilities (0-9, blank); spec: see model-spec.mjs. */
export function decode(slots, spec) {
  const tempered = slots.map((slot) => temper(slot, spec.temperature));
  const best = tempered.map((slot) => largest(slot.slice(0, BLANK)));
  let length = 0;
  let confidence = -1;
  for (let candidate = 0; candidate <= SLOTS; candidate++) {
    const value = probabilityOfLength(candidate, tempered, best);
    if (value > confidence) [length, confidence] = [candidate, value];
  }
  const read = best.slice(SLOTS - length);
  confidence = Math.min(confidence, 1);
  return {
    text: read.map((slot) => spec.alphabet[slot.index]).join(""),
    digits: read.map((slot) => slot.index),
    digit_confidences: read.map((slot) => rounded(slot.value)),
    confidence: rounded(confidence),
    accepted: confidence >= spec.reject_threshold,
  };
}

/** Divide the logits by the temperature: p ** (1 / T), normalised. */
function temper(slot, temperature) {
  const powers = Array.from(slot, (value) => value ** (1 / temperature));
  const sum = powers.reduce((total, value) => total + value, 0);
  return powers.map((value) => Math.max(value / sum, TINY));
}

/** Blanks on the left times the best digits on the right. */
function probabilityOfLength(length, slots, best) {
  return slots.reduce(
    (product, slot, index) => product * (index < SLOTS - length ? slot[BLANK] : best[index].value),
    1,
  );
}

function largest(values) {
  const value = Math.max(...values);
  return { index: values.indexOf(value), value };
}

function rounded(value) {
  return Math.round(value * 1e6) / 1e6;
}
