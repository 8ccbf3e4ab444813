/**
 * Turns of phrase whose parts stand apart, such as "how high does … get", said in the plain words
 * that the lexicon knows. What follows a turn is kept, so that nothing of a question is lost.
 */

const DO = "(?:does|do|did|will|can|could)";
const EVER = "(?: ever)?";

const ARE = "(?:are|is|were|was) there";
const MORE = "(?:more|a larger number of)";
const FEWER = "(?:fewer|less)";

const WHAT_IS = "(?:(?:what is|what['’]?s|what was) )?(?:the )?";
const TIME = "(?:time|second|minute|hour|day|week|month|quarter|year)";
const NUMBER = "\\d[\\d.,]*";
const AT = "(?:at|on|in)";
const MOMENT = `(?:${TIME}|t =) ${NUMBER}`;
const SIDE = "(?:above|below|over|under|more|less|greater|at least|at most)";
const FROM_START = "(?:at the (?:start|beginning)|initially|from the (?:start|beginning))";
/** Words after which a number is no value to be reached, or which ask for something else. */
const NOT_A_NAME =
  "\\b(?:above|below|over|under|than|least|most|between|from|to|at|by|in|on|of|after|before|until|for|first|last|not|still|again|there|peak|half|about|around|nearly|almost|within|plus|minus|and|or)\\b";

/** Growth by a factor, said of the value at the start. */
const MULTIPLES = [
  ["double", "200% of its initial value"],
  ["triple", "300% of its initial value"],
  ["halve", "50% of its initial value"],
] as const;

type Turn = readonly [turn: RegExp, plain: string];

const TURNS: readonly Turn[] = [
  [
    turn(`how (?:high|large|big|great) ${DO} (.+?)${EVER} (?:get|go|become|rise|climb|grow)\\b`),
    "what is the peak of $1",
  ],
  [
    turn(`how (?:low|small|far down) ${DO} (.+?)${EVER} (?:get|go|become|fall|drop|sink|dip)\\b`),
    "what is the minimum of $1",
  ],
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
  // A change of which no period is named may mean any.
  [turn(`how ${DO} (.+?) change (?=(?:from|between|over|during|in) )`), "how much does $1 change "],
  [turn(`${WHAT_IS}time to (?:the )?(peak|minimum) (?:of|for|in) `), "how long until the $1 of "],
  [turn(`${WHAT_IS}peak (${TIME}) (?:of|for|in) `), "which $1 is the peak of "],
  [turn(`how (much time|long|many \\p{L}+) ${DO} (.+?) spend (?=${SIDE}\\b)`), "how $1 is $2 "],
  [
    turn(
      `how many times (?:as )?(?:larger|higher|bigger|greater|large|high|big|great) (?:is|was|are|were) (.+?) ${AT} (${MOMENT}) (?:than|as) ${AT} (${MOMENT})$`,
    ),
    "by what factor does $1 change from $3 to $2",
  ],
  [
    turn(`when (?:is|was|are|were) ((?!.*${NOT_A_NAME})\\p{L}+(?: \\p{L}+){0,3}) (-?${NUMBER}.*)$`),
    "when does $1 reach $2",
  ],
  ...MULTIPLES.flatMap(([verb, percent]): readonly Turn[] => [
    [
      turn(`how long ${DO} it take (?:for )?(.+?) to ${verb}$`),
      `how long until $1 reaches ${percent}`,
    ],
    [
      turn(`how (long|many \\p{L}+) (?:until|till|before) (.+?) (?:has |have )?${verb}[sd]?$`),
      `how $1 until $2 reaches ${percent}`,
    ],
    [turn(`when (?:does|do|did|has|have|will) (.+?) ${verb}d?$`), `when does $1 reach ${percent}`],
  ]),
  [
    turn(`${WHAT_IS}doubling time (?:of|for) (.+?)(?: ${FROM_START})?$`),
    "how long until $1 reaches 200% of its initial value",
  ],
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
