/**
 * Turns of phrase whose parts stand apart, such as "how high does … get", said in the plain words
 * that the lexicon knows. What follows a turn is kept, so that nothing of a question is lost.
 */

const DO = "(?:does|do|did|will|can|could)";
const EVER = "(?: ever)?";

const ARE = "(?:are|is|were|was) there";
const MORE = "(?:more|a larger number of)";
const FEWER = "(?:fewer|less)";

const TURNS: readonly (readonly [turn: RegExp, plain: string])[] = [
  [
    turn(`how (?:high|large|big|great) ${DO} (.+?)${EVER} (?:get|go|become)\\b`),
    "what is the peak of $1",
  ],
  [turn(`how (?:low|small) ${DO} (.+?)${EVER} (?:get|go|become)\\b`), "what is the minimum of $1"],
  [
    turn(`what(?: value| level| number)? ${DO} (.+?) (?:end up|end|finish)(?: at| with)?$`),
    "what is $1 at the end",
  ],
  [
    turn(`what(?: value| level| number)? ${DO} (.+?) (?:start|start out|begin)(?: at| with)?$`),
    "what is $1 at the start",
  ],
  [turn("how long (?:does|did|will) it take (?:until|till|before) "), "how long does it take for "],
  [
    turn(
      "\\b(?:become|becomes|became|gets|got) (?=(?:greater|larger|higher|more|bigger|less|lower|smaller|fewer) than )",
    ),
    "",
  ],
  [turn(`${ARE} ever ${MORE} (.+?) than (.+)$`), "does $1 ever exceed $2"],
  [turn(`${ARE} ever ${FEWER} (.+?) than (.+)$`), "is $1 ever below $2"],
  [turn(`when ${ARE} (?:first )?${MORE} (.+?) than (.+)$`), "when does $1 exceed $2"],
  [turn(`when ${ARE} (?:first )?${FEWER} (.+?) than (.+)$`), "when is $1 below $2"],
  [turn(`how ${DO} (.+?) compare (?:to|with) `), "compare $1 with "],
];

function turn(shape: string): RegExp {
  return new RegExp(shape.startsWith("\\b") ? shape : `^${shape}`, "iu");
}

/** The question in plain words; itself when it has none of these turns. */
export function inPlainWords(question: string): string {
  const bare = question.trim().replace(/[?!.]+$/u, "");
  for (const [shape, plain] of TURNS) {
    if (shape.test(bare)) return bare.replace(shape, plain);
  }
  return question;
}
