// The data of the page: every check in columns, unpacked once; details of an operation when they are asked for.

/** Unpacks what `reports/packed.py` packed. */
async function unpacked(base64) {
  const binary = atob(base64);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at += 1) bytes[at] = binary.charCodeAt(at);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
}

const COLUMNS_OF_SMALL_NUMBERS = [
  "dtype",
  "mode",
  "order",
  "verdict",
  "expectation",
  "grade",
  "choice",
  "relation",
  "run",
  "marks",
];
const PUBLISHED = 1,
  WARNED = 2,
  BROKEN = 4,
  DIFFERS = 8;

/** All checks. Methods take the place of a check, a number from 0. */
class Data {
  constructor(index, blocks, level) {
    Object.assign(this, index);
    this.blocks = blocks;
    this.level = level;
    const columns = index.checks;
    this.count = columns.variant.length;
    for (const name of COLUMNS_OF_SMALL_NUMBERS) columns[name] = Uint8Array.from(columns[name]);
    for (const name of ["variant", "call", "record", "group"]) columns[name] = Uint32Array.from(columns[name]);
    this.kNumbers = Float64Array.from(columns.k, (k) => (k === null ? NaN : numeric(k)));
    this.texts = this.variants.texts;
    this.questions();
    this.transitions();
    this.unfolded = new Map();
  }

  /** Numbers the questions (variant, dtype, order): what implementations are asked alike. */
  questions() {
    const {variant, dtype, order} = this.checks;
    this.question = new Uint32Array(this.count);
    const known = new Map();
    for (let at = 0; at < this.count; at += 1) {
      const key = (variant[at] * 64 + dtype[at]) * 64 + order[at];
      let number = known.get(key);
      if (number === undefined) known.set(key, (number = known.size));
      this.question[at] = number;
    }
    this.questionCount = known.size;
    // Operations stand one after the other: where each begins.
    this.begins = new Uint32Array(this.operations.length + 1).fill(this.count);
    for (let at = this.count - 1; at >= 0; at -= 1) this.begins[this.operationOf(at)] = at;
  }

  /** The transition of each check of a candidate run, as a number from 1, and the check that it came from. */
  transitions() {
    this.words.transition = ["", ...TRANSITIONS.keys()];
    this.checks.transition = new Uint8Array(this.count);
    this.before = new Int32Array(this.count).fill(-1);
    this.cause = new Uint32Array(this.count);
    let number_ = 0;
    for (const change of this.changes) {
      for (const cause of change.causes) {
        cause.number = number_ += 1;
        const [old, now] = cause.pairs.map((steps) => summed(steps));
        cause.pairs = old.map((place, at) => [place, now[at]]);
        const code = this.words.transition.indexOf(cause.transition);
        for (const [from, to] of cause.pairs) {
          this.checks.transition[to >= 0 ? to : from] = code;
          this.cause[to >= 0 ? to : from] = cause.number;
          if (to >= 0) this.before[to] = from;
        }
      }
    }
  }

  /** Orders calls: by name of the adapter's line, then of the call, then by version. */
  inOrder(a, b) {
    const [x, y] = [a, b].map((call) => [this.columns[call.column].adapter, call.name]);
    for (const part of [0, 1]) if (x[part] !== y[part]) return x[part] < y[part] ? -1 : 1;
    return a.column - b.column;
  }

  callOf(at) {
    return this.calls[this.checks.call[at]];
  }
  columnOf(at) {
    return this.columns[this.callOf(at).column];
  }
  operationOf(at) {
    return this.callOf(at).operation;
  }
  word(name, at) {
    return this.words[name][this.checks[name][at]];
  }
  variant(at) {
    return this.variants.id[this.checks.variant[at]];
  }
  case(at) {
    return this.texts[this.variants.case[this.checks.variant[at]]];
  }
  says(at) {
    return this.texts[this.variants.says[this.checks.variant[at]]];
  }
  flags(at) {
    return this.variants.flags[this.checks.variant[at]].map((flag) => this.flagsByNumber(flag));
  }
  flagsByNumber(flag) {
    return this._flags[flag].name;
  }
  k(at) {
    return this.checks.k[at];
  }
  verdict(at) {
    return this.word("verdict", at);
  }
  urgent(at) {
    return this.word("expectation", at) !== "expected";
  }
  transition(at) {
    return this.words.transition[this.checks.transition[at]];
  }

  id(at) {
    const column = this.columnOf(at);
    return `${this.variant(at)}:${column.adapter}/${this.callOf(at).name}:${this.word("dtype", at)}:${this.word("mode", at)}:${column.device}:${this.word("order", at)}`;
  }

  operationNumber(name) {
    return this.operations.findIndex((operation) => operation.name === name);
  }

  /** The places of the checks of an operation, all of them or those that `keep` lets through. */
  placesOf(operation, keep) {
    const places = [];
    for (let at = this.begins[operation]; at < this.count && this.operationOf(at) === operation; at += 1) {
      if (!keep || keep(at)) places.push(at);
    }
    return places;
  }

  /** The block of an operation: what is known of its checks beyond the index. */
  block(operation) {
    if (!this.unfolded.has(operation)) this.unfolded.set(operation, unpacked(this.blocks[operation]));
    return this.unfolded.get(operation);
  }

  /** All that is known of one check, as an object. */
  async detail(at) {
    const operation = this.operationOf(at);
    return this.detailIn(await this.block(operation), at);
  }

  /** The same, where the block is there already. */
  detailIn(block, at) {
    const here = at - this.begins[this.operationOf(at)];
    const found = {};
    for (const name of ["outcome", "right", "shape", "message", "bits"]) found[name] = block.texts[block[name][here]];
    for (const name of ["abs", "rel", "ulp", "k_relative", "k_scale"]) found[name] = block[name][here];
    for (const name of ["contract", "worst", "published", "warnings", "broken", "differs", "ulps"])
      found[name] = sparse(block[name], here);
    return found;
  }

  /** K over the smallest K of another call that was asked the same; null where there is none. */
  peerRatio(at) {
    const own = this.kNumbers[at];
    if (Number.isNaN(own)) return null;
    let best = Infinity;
    for (const other of this.placesOf(this.operationOf(at), (place) => this.question[place] === this.question[at])) {
      if (this.checks.call[other] !== this.checks.call[at] && this.kNumbers[other] < best) best = this.kNumbers[other];
    }
    if (best === Infinity) return null;
    return best === 0 ? (own === 0 ? 1 : Infinity) : own / best;
  }
}

const summed = (steps) => {
  let sum = 0;
  return steps.map((step) => (sum += step));
};

function sparse(column, here) {
  const at = column ? column.at.indexOf(here) : -1;
  return at < 0 ? null : column.value[at];
}

/** Reads the page's own data. */
async function loaded() {
  const [level, ...blocks] = document.getElementById("details").textContent.split("\n");
  const index = await unpacked(document.getElementById("index").textContent);
  index._flags = index.flags;
  delete index.flags;
  return new Data(index, blocks, Number(level));
}
