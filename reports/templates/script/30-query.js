// The filter language. A filter is about one check, or about the question that the check belongs to; `parsed` makes a
// predicate of a text, or throws a SyntaxError that says where and why. The page "About" explains the language.

const TOKEN = /\s*(?:([()])|(-?)((?:[^\s()"]|"[^"]*")+))/y;
const COMPARISON = /^(k|ulp)(<=|>=|<|>|=)(.+)$/i;

/** A predicate over places of checks. An empty filter lets all through. */
function parsed(text, data) {
  const tokens = tokensOf(text);
  let at = 0;
  const peek = () => tokens[at]?.word?.toLowerCase();

  function either() {
    const parts = [both()];
    while (peek() === "or" || peek() === "|") {
      at += 1;
      parts.push(both());
    }
    return parts.length === 1 ? parts[0] : (place) => parts.some((part) => part(place));
  }
  function both() {
    const parts = [];
    while (at < tokens.length && tokens[at].bracket !== ")" && peek() !== "or" && peek() !== "|") {
      if (peek() === "and") {
        at += 1;
        continue;
      }
      parts.push(one());
    }
    if (!parts.length)
      throw new SyntaxError(
        at < tokens.length
          ? `a term is missing before '${tokens[at].word || tokens[at].bracket}'`
          : "a term is missing at the end",
      );
    return parts.length === 1 ? parts[0] : (place) => parts.every((part) => part(place));
  }
  function one() {
    const token = tokens[at++];
    if (token === undefined) throw new SyntaxError("a term is missing at the end");
    if (token.bracket === "(") {
      const inner = either();
      if (tokens[at]?.bracket !== ")") throw new SyntaxError("a closing bracket is missing");
      at += 1;
      return inner;
    }
    if (token.word?.toLowerCase() === "not") return negated(one());
    return token.negative ? negated(token.word ? term(token.word, data) : one()) : term(token.word, data);
  }

  if (!tokens.length) return () => true;
  const whole = either();
  if (at < tokens.length) throw new SyntaxError(`'${tokens[at].bracket}' closes nothing`);
  return whole;
}

const negated = (part) => (place) => !part(place);

function tokensOf(text) {
  const tokens = [];
  TOKEN.lastIndex = 0;
  while (text.slice(TOKEN.lastIndex).trim()) {
    const from = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (!match) {
      if (/^\s*-\(/.test(text.slice(from))) {
        tokens.push({word: "not"});
        TOKEN.lastIndex = text.indexOf("-", from) + 1;
        continue;
      }
      throw new SyntaxError(`a quote is never closed: ${text.slice(from).trim()}`);
    }
    if (match[1]) tokens.push({bracket: match[1]});
    else tokens.push({negative: match[2] === "-", word: match[3]});
  }
  return tokens;
}

const IS = {
  expected: (data, at) => data.word("expectation", at) === "expected",
  unexpected: (data, at) => data.word("expectation", at) === "unexpected",
  fixed: (data, at) => data.word("expectation", at) === "fixed",
  changed: (data, at) => data.word("expectation", at) === "changed",
  urgent: (data, at) => data.urgent(at),
  deviating: (data, at) => !["conforms", "documented", "unsupported", "unjudged"].includes(data.verdict(at)),
  published: (data, at) => (data.checks.marks[at] & PUBLISHED) > 0,
  warned: (data, at) => (data.checks.marks[at] & WARNED) > 0,
  broken: (data, at) => (data.checks.marks[at] & BROKEN) > 0,
  compiled: (data, at) => (data.checks.marks[at] & DIFFERS) > 0,
  recorded: (data, at) => data.checks.record[at] > 0,
  choice: (data, at) => data.checks.choice[at] > 0,
};

// What a word of the form name:value may ask of a check, as texts that may hold the value.
const HELD = {
  op: (data, at) => data.operations[data.operationOf(at)].name,
  operation: (data, at) => data.operations[data.operationOf(at)].name,
  family: (data, at) => data.operations[data.operationOf(at)].family,
  case: (data, at) => data.variant(at),
  call: (data, at) => data.callOf(at).call,
  adapter: (data, at) => data.columnOf(at).adapter,
  relation: (data, at) => data.word("relation", at),
};
// The same for words that must be equal.
const EQUAL = {
  verdict: (data, at) => data.verdict(at),
  expectation: (data, at) => data.word("expectation", at),
  dtype: (data, at) => data.word("dtype", at),
  mode: (data, at) => data.word("mode", at),
  order: (data, at) => data.word("order", at),
  device: (data, at) => data.columnOf(at).device,
  choice: (data, at) => data.word("choice", at),
  record: (data, at) => String(data.checks.record[at]),
  cause: (data, at) => String(data.cause[at]),
  group: (data, at) => String(data.checks.group[at]),
  run: (data, at) => String(data.checks.run[at]),
  column: (data, at) => String(data.callOf(at).column + 1),
  change: (data, at) => data.transition(at),
};

function term(word, data) {
  const compared = COMPARISON.exec(word);
  if (compared) return comparison(compared, data);
  const colon = word.indexOf(":");
  if (colon <= 0) return mention(unquoted(word), data);
  const name = word.slice(0, colon).toLowerCase();
  const value = unquoted(word.slice(colon + 1)).toLowerCase();
  if (!value) throw new SyntaxError(`'${word}' says nothing after its colon`);
  if (name === "is") return is(value, data);
  if (name === "flag") return flagged(value, data);
  if (name === "grade") return (at) => data.word("grade", at).toLowerCase() === value;
  if (HELD[name]) return held(HELD[name], value, data);
  if (EQUAL[name]) return equal(name, value, data);
  return somebody(name, value, data);
}

const unquoted = (text) => text.replace(/"([^"]*)"/g, "$1");

function comparison([, name, sign, text], data) {
  const limit = Number(text === "inf" ? Infinity : text);
  if (Number.isNaN(limit)) throw new SyntaxError(`'${text}' is no number: expected such as ${name}${sign}4`);
  if (name.toLowerCase() === "ulp")
    throw new SyntaxError("ulp cannot be filtered: use K, which compares across dtypes");
  const holds = {
    "<": (k) => k < limit,
    ">": (k) => k > limit,
    "<=": (k) => k <= limit,
    ">=": (k) => k >= limit,
    "=": (k) => k === limit,
  }[sign];
  return (at) => holds(data.kNumbers[at]);
}

function is(value, data) {
  if (value === "different") return different(data);
  if (TRANSITIONS.has(value) && !IS[value]) return equal("change", value, data);
  if (VERDICTS.has(value)) return equal("verdict", value, data);
  if (!IS[value])
    throw new SyntaxError(`'is:${value}' is not known: expected different, ${Object.keys(IS).join(", ")}`);
  return (at) => IS[value](data, at);
}

function equal(name, value, data) {
  const known = data.words[name];
  const values = {verdict: [...VERDICTS.keys()], change: [...TRANSITIONS.keys()]}[name] || known;
  if (values && !values.some((each) => each.toLowerCase() === value)) {
    throw new SyntaxError(`${name} '${value}' does not occur: expected ${values.filter(Boolean).join(", ")}`);
  }
  return (at) => EQUAL[name](data, at).toLowerCase() === value;
}

/** Texts repeat: each is searched once. */
function held(of, value, data) {
  const known = new Map();
  return (at) => {
    const text = of(data, at);
    if (!known.has(text)) known.set(text, text.toLowerCase().includes(value));
    return known.get(text);
  };
}

function flagged(value, data) {
  const wanted = data._flags.map((flag) => flag.name.toLowerCase().includes(value));
  if (!wanted.includes(true)) throw new SyntaxError(`no case has a flag '${value}'`);
  const variants = data.variants.flags.map((flags) => flags.some((flag) => wanted[flag]));
  return (at) => variants[data.checks.variant[at]];
}

/** A bare word: a verdict, or anything that names the check. */
function mention(text, data) {
  const word = text.toLowerCase();
  if (VERDICTS.has(word)) return equal("verdict", word, data);
  const variants = data.variants.id.map((id, at) =>
    `${id} ${data.texts[data.variants.says[at]]}`.toLowerCase().includes(word),
  );
  const calls = data.calls.map((call) =>
    `${data.operations[call.operation].name} ${call.call} ${data.columns[call.column].name}`
      .toLowerCase()
      .includes(word),
  );
  return (at) => variants[data.checks.variant[at]] || calls[data.checks.call[at]];
}

/** torch:diverges: of the same question, some call of the adapter has the verdict. */
function somebody(name, value, data) {
  const [adapter, version] = name.split("@");
  const columns = data.columns.map(
    (column) => column.adapter.toLowerCase() === adapter && column.version.startsWith(version || ""),
  );
  if (!columns.includes(true)) {
    const adapters = [...new Set(data.columns.map((column) => column.adapter))];
    throw new SyntaxError(
      `'${name}:' is neither a field (op, flag, is, verdict, dtype, mode, order, case, call, K…) nor an adapter of this report (${adapters.join(", ")})`,
    );
  }
  const wanted = data.words.verdict.map((verdict) => verdict === value);
  if (!VERDICTS.has(value))
    throw new SyntaxError(`'${value}' is no verdict: expected ${[...VERDICTS.keys()].join(", ")}`);
  const questions = new Uint8Array(data.questionCount);
  for (let at = 0; at < data.count; at += 1) {
    if (wanted[data.checks.verdict[at]] && columns[data.callOf(at).column]) questions[data.question[at]] = 1;
  }
  return (at) => questions[data.question[at]] === 1;
}

/** Questions whose calls do not all have one verdict. */
function different(data) {
  const unsupported = data.words.verdict.indexOf("unsupported");
  const first = new Int16Array(data.questionCount).fill(-1);
  const parts = new Uint8Array(data.questionCount);
  for (let at = 0; at < data.count; at += 1) {
    const verdict = data.checks.verdict[at];
    if (verdict === unsupported) continue;
    const question = data.question[at];
    if (first[question] < 0) first[question] = verdict;
    else if (first[question] !== verdict) parts[question] = 1;
  }
  return (at) => parts[data.question[at]] === 1 && data.checks.verdict[at] !== unsupported;
}
