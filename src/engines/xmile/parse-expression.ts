import type { BinaryOperator, Expression, Subscript } from "./expression.ts";
import { binary, call } from "./expression.ts";
import type { Place } from "./problem.ts";
import { refuse } from "./problem.ts";
import type { Token } from "./tokenizer.ts";
import { tokenize } from "./tokenizer.ts";

/**
 * How tightly each operator binds; `^` associates to the right, all others to the left.
 * Source: XMILE 1.0, section 3.3.1: `^`, then sign and NOT, then `* / MOD`, `+ -`,
 * `< <= > >=`, `= <>`, AND, OR.
 */
const BINDING: Readonly<Record<BinaryOperator, number>> = {
  or: 1,
  and: 2,
  "=": 3,
  "<>": 3,
  "<": 4,
  "<=": 4,
  ">": 4,
  ">=": 4,
  "+": 5,
  "-": 5,
  "*": 6,
  "/": 6,
  mod: 6,
  "^": 8,
};
const SIGN_BINDING = 7;

/** Division that gives 0 where the divisor is 0, as some tools write SAFEDIV. */
const SAFE_DIVISION = "//";

/** The deepest nesting of parentheses, calls and signs; bounds the parser's recursion. */
const MAX_DEPTH = 150;

/** Parses an equation (a Pratt parser). */
export function parseExpression(equation: string, place: Place): Expression {
  if (equation.trim() === "") refuse("invalid-model", place, "The equation is empty");
  const reader = new TokenReader(tokenize(equation, place), place);
  const expression = parseBinding(reader, 0);
  if (reader.peek().type !== "end") refuseToken(reader, "an operator");
  return expression;
}

/** Parses the equations of an array's elements: commas part them, semicolons end rows. */
export function parseList(equation: string, place: Place): readonly Expression[] {
  if (equation.trim() === "") refuse("invalid-model", place, "The equation is empty");
  const reader = new TokenReader(tokenize(equation, place), place);
  const list = [parseBinding(reader, 0)];
  while (reader.sees(",") || reader.sees(";")) {
    const { text } = reader.take();
    if (text === ";" && reader.peek().type === "end") break;
    list.push(parseBinding(reader, 0));
  }
  if (reader.peek().type !== "end") refuseToken(reader, "an operator");
  return list;
}

/** A position in the tokens of one equation. */
class TokenReader {
  readonly place: Place;
  depth = 0;
  private readonly tokens: readonly Token[];
  private position = 0;

  constructor(tokens: readonly Token[], place: Place) {
    this.tokens = tokens;
    this.place = place;
  }

  peek(ahead = 0): Token {
    return this.tokens[this.position + ahead] ?? { type: "end", text: "", written: "the end" };
  }

  take(): Token {
    const token = this.peek();
    this.position += 1;
    return token;
  }

  sees(symbol: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.type === "symbol" && token.text === symbol;
  }

  expect(symbol: string): void {
    if (!this.sees(symbol)) refuseToken(this, `\`${symbol.toUpperCase()}\``);
    this.take();
  }
}

function refuseToken(reader: TokenReader, wanted: string): never {
  const token = reader.peek();
  const name = reader.peek(-1);
  if (token.type === "name" && name.type === "name") {
    refuse(
      "invalid-model",
      reader.place,
      `No operator stands between \`${name.written}\` and \`${token.written}\`; ` +
        "if they are one name or a macro, the file does not define it so",
      "Join the parts of a name with underscores, and define every function that is called.",
    );
  }
  return refuse(
    "invalid-model",
    reader.place,
    `The equation needs ${wanted} where ${token.type === "end" ? "it ends" : `\`${token.written}\` stands`}`,
  );
}

function isBinaryOperator(text: string): text is BinaryOperator {
  return Object.hasOwn(BINDING, text);
}

function parseBinding(reader: TokenReader, minimum: number): Expression {
  reader.depth += 1;
  if (reader.depth > MAX_DEPTH) {
    refuse("too-large", reader.place, "The equation is nested too deeply");
  }
  let left = parsePrefix(reader);
  while (true) {
    const { type, text } = reader.peek();
    const operator = text === SAFE_DIVISION ? "/" : text;
    if (type !== "symbol" || !isBinaryOperator(operator)) break;
    const binding = BINDING[operator];
    if (binding <= minimum) break;
    reader.take();
    // A right-associative operator accepts itself on its right, and a sign: 2 ^ -1.
    const right = parseBinding(reader, operator === "^" ? binding - 1 : binding);
    left = join(text, operator, left, right);
  }
  reader.depth -= 1;
  return left;
}

function join(
  written: string,
  operator: BinaryOperator,
  left: Expression,
  right: Expression,
): Expression {
  return written === SAFE_DIVISION ? call("safediv", left, right) : binary(operator, left, right);
}

function parsePrefix(reader: TokenReader): Expression {
  const token = reader.peek();
  switch (token.type) {
    case "number":
      return parseNumber(reader);
    case "name":
      return parseName(reader);
    case "symbol":
      return parseSymbol(reader, token.text);
    case "end":
      return refuseToken(reader, "a value");
  }
}

function parseNumber(reader: TokenReader): Expression {
  const { text } = reader.take();
  const value = Number(text);
  if (!Number.isFinite(value)) {
    refuse("invalid-model", reader.place, `The number ${text.slice(0, 40)} is too large`);
  }
  return { type: "number", value };
}

function parseSymbol(reader: TokenReader, symbol: string): Expression {
  switch (symbol) {
    case "(": {
      reader.take();
      const inner = parseBinding(reader, 0);
      reader.expect(")");
      return inner;
    }
    case "+":
      reader.take();
      return parseBinding(reader, SIGN_BINDING);
    case "-":
    case "not":
      reader.take();
      return { type: "unary", operator: symbol, operand: parseBinding(reader, SIGN_BINDING) };
    case "if":
      return parseIf(reader);
    case "mod": // MOD is an operator in XMILE and also called as a function.
      if (reader.sees("(", 1)) return parseName(reader);
      return refuseToken(reader, "a value");
    default:
      return refuseToken(reader, "a value");
  }
}

function parseName(reader: TokenReader): Expression {
  const { text } = reader.take();
  if (text === "if_then_else" && reader.sees("(")) return parseChoice(reader);
  if (reader.sees("(")) return { type: "call", name: text, arguments: parseArguments(reader) };
  if (!reader.sees("[") && !reader.sees("'")) return { type: "reference", name: text };
  const subscripts = reader.sees("[") ? parseSubscripts(reader) : undefined;
  const transposed = reader.sees("'");
  if (transposed) reader.take();
  return {
    type: "array",
    name: text,
    transposed,
    ...(subscripts === undefined ? {} : { subscripts }),
    ...(reader.sees("(") ? { called: parseArguments(reader) } : {}),
  };
}

function parseSubscripts(reader: TokenReader): readonly Subscript[] {
  reader.expect("[");
  const subscripts = [parseSubscript(reader)];
  while (reader.sees(",")) {
    reader.take();
    subscripts.push(parseSubscript(reader));
  }
  reader.expect("]");
  return subscripts;
}

function parseSubscript(reader: TokenReader): Subscript {
  if (reader.sees("*")) {
    reader.take();
    return { type: "all" };
  }
  if (reader.sees("@")) {
    reader.take();
    const position = reader.peek().type === "number" ? Number(reader.take().text) : Number.NaN;
    if (!Number.isInteger(position)) refuseToken(reader, "the number of a dimension");
    return { type: "position", position };
  }
  const index = parseBinding(reader, 0);
  if (!reader.sees(":")) return { type: "index", index };
  reader.take();
  return { type: "range", from: index, to: parseBinding(reader, 0) };
}

function parseArguments(reader: TokenReader): readonly Expression[] {
  reader.expect("(");
  const parts: Expression[] = [];
  if (!reader.sees(")")) {
    parts.push(parseBinding(reader, 0));
    while (reader.sees(",")) {
      reader.take();
      parts.push(parseBinding(reader, 0));
    }
  }
  reader.expect(")");
  return parts;
}

/** `IF a THEN b ELSE c`, and the spellings of older files, `IF THEN ELSE(a, b, c)` among them. */
function parseIf(reader: TokenReader): Expression {
  reader.expect("if");
  if (reader.sees("then") && reader.sees("else", 1)) {
    reader.take();
    reader.take();
    return parseChoice(reader);
  }
  const condition = parseBinding(reader, 0);
  reader.expect("then");
  const met = parseBinding(reader, 0);
  reader.expect("else");
  return { type: "if", condition, met, otherwise: parseBinding(reader, 0) };
}

/** What follows `IF THEN ELSE` or `IF_THEN_ELSE`: condition, value, other value. */
function parseChoice(reader: TokenReader): Expression {
  const [condition, met, otherwise, ...rest] = parseArguments(reader);
  if (!condition || !met || !otherwise || rest.length > 0) {
    refuse("invalid-model", reader.place, "IF THEN ELSE takes three arguments");
  }
  return { type: "if", condition, met, otherwise };
}
