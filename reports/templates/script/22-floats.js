// Bits of results: numbers of a dtype from base64, and their hexadecimal form.

const FLOATS = {
  float64: {size: 8, read: (view, at) => view.getFloat64(at, true)},
  float32: {size: 4, read: (view, at) => view.getFloat32(at, true)},
  float16: {size: 2, read: (view, at) => half(view.getUint16(at, true))},
  bfloat16: {size: 2, read: (view, at) => brain(view.getUint16(at, true))},
};

function half(bits) {
  const sign = bits & 0x8000 ? -1 : 1,
    exponent = (bits >> 10) & 31,
    fraction = bits & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -14 * (fraction / 1024));
}

function brain(bits) {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, bits << 16);
  return view.getFloat32(0);
}

/** The numbers that base64 of a dtype's bits holds; null where the dtype is no float of ours or the bits do not fit. */
function floatsOf(base64, dtype) {
  const kind = FLOATS[dtype];
  if (!kind || !base64) return null;
  const binary = atob(base64);
  if (binary.length % kind.size) return null;
  const view = new DataView(Uint8Array.from(binary, (c) => c.charCodeAt(0)).buffer);
  return Array.from({length: binary.length / kind.size}, (_, at) => kind.read(view, at * kind.size));
}

/** What an outcome says as numbers, as far as it is written: "[1, nan, …, 2] (40)" gives null. */
function literal(text) {
  if (!text || text.includes("…")) return null;
  const words = text
    .replace(/[[\](),]/g, " ")
    .trim()
    .split(/\s+/);
  const numbers = words.map((word) =>
    /^-?inf$/.test(word) ? (word[0] === "-" ? -Infinity : Infinity) : word === "nan" ? NaN : Number(word),
  );
  return words.every((word, at) => word === "nan" || !Number.isNaN(numbers[at])) ? numbers : null;
}

/** The numbers of a result: from its bits where they are kept, else from what is written. */
const numbersOf = (detail, dtype) => floatsOf(detail.bits, dtype) || literal(detail.outcome);
