/**
 * The words the analyst knows. A word that is neither here nor the name of a variable stays
 * unexplained, and a question with an unexplained word is not answered.
 */

/** A meaning that a word or a phrase adds to a question. */
export type Cue = keyof typeof CUE_PHRASES;

/** The phrases that carry each meaning; the longest phrase at a place wins. */
const CUE_PHRASES = {
  what: ["what", "whats"],
  "how-many": [
    ..."how many,how much,how high,how large,how big,how low,how great,how small".split(","),
    ..."at what level,what level,at which level,how far".split(","),
  ],
  when: [
    ..."when,at what time,at which time,what time,which time,at what point,at which point".split(
      ",",
    ),
    ..."at what point in time,how early,how late,which ~,what ~,on which ~,on what ~".split(","),
    ..."in which ~,in what ~,at which ~,at what ~,at the time when".split(","),
    ..."at which moment,at what moment,which moment,what moment,at the moment when".split(","),
  ],
  "time-of": [
    ..."time of,the time of,timing of,its time,the time,time at which".split(","),
    ..."day of,week of,month of,year of,hour of,minute of".split(","),
  ],
  until: [
    ..."how long until,how long till,how long before,how soon,how long does it take".split(","),
    ..."how long did it take,how long will it take,how many ~ until".split(","),
    ..."how much time until,how much time before,how much time till".split(","),
    ..."how many ~ does it take,how many ~ before,how many ~ till".split(","),
  ],
  "how-long": ["how long", "for how long", "how much time", "how many ~", "for how many ~"],
  peak: [
    ..."peak,peaks,peaked,peaking,maximum,max,maximal,highest,largest,greatest".split(","),
    ..."highest point,high point,peak value,maximum value,highest value,at the peak".split(","),
    ..."at its peak,at their peak,at peak,at its maximum,at its highest,at the maximum".split(","),
    ..."biggest,maxima,reach its peak,reaches its peak,reached its peak".split(","),
    ..."reach its maximum,reaches its maximum,reached its maximum,reach a peak".split(","),
    ..."reach the peak,reach their peak,hit its peak,peak level,peak number".split(","),
    ..."most people,the most,at most,top,top value,top level".split(","),
  ],
  minimum: [
    ..."minimum,min,minimal,lowest,smallest,trough,low point,lowest point,lowest value".split(","),
    ..."minimum value,at its minimum,at its lowest,at the minimum,bottom out".split(","),
    ..."reach its minimum,reaches its minimum,reached its minimum".split(","),
    ..."hit bottom,hits bottom,hit rock bottom,fewest,the fewest,the least".split(","),
  ],
  /** How often something happens; nothing answers that yet. */
  occasions: [
    ..."how many peaks,number of peaks,how many maxima,how many minima,how many times".split(","),
    ..."how often,number of times,how frequently,how many cycles".split(","),
  ],
  mean: ["mean", "average", "avg", "on average"],
  median: ["median"],
  deviation: ["standard deviation", "sd", "std", "spread"],
  range: ["range"],
  total: ["total", "in total", "sum", "cumulative", "altogether"],
  change: [
    ..."change,changes,changed,grow,grows,grew,growth,grown,increase,increases".split(","),
    ..."increased,rise,rises,rose,risen,decrease,decreases,decreased,fall,falls,fell".split(","),
    ..."fallen,drop,drops,dropped,decline,declines,declined,shrink,shrinks,shrank".split(","),
    ..."by how much,by how many,go up,goes up,went up,gone up".split(","),
    ..."go down,goes down,went down,gone down".split(","),
  ],
  difference: ["difference", "the gap"],
  factor: ["by what factor", "by which factor", "what factor"],
  ratio: ["ratio"],
  percent: [
    ..."what percentage,what percent,which percentage,what fraction,what share".split(","),
    ..."what proportion,percentage,by what percentage,by what percent".split(","),
    ..."by how many percent,how many percent,what is the percentage,the percentage".split(","),
    ..."what part,percent,fraction,share,proportion,what is the share".split(","),
  ],
  greater: [
    ..."higher,greater,larger,bigger,more,higher than,greater than,larger than".split(","),
    ..."bigger than,more than".split(","),
  ],
  less: ["lower", "smaller", "less", "fewer", "lower than", "smaller than", "less than"],
  first: ["first", "first time", "the first time", "earliest"],
  last: ["last", "last time", "the last time", "latest"],
  earlier: ["earlier", "sooner", "earlier than", "sooner than"],
  later: ["later", "later than"],
  which: ["which", "which of"],
  compare: ["compare"],
  ever: ["ever", "at any time", "at any one time", "at any point", "at one time", "at once"],
  and: ["and", "&"],
  comma: [","],
  or: ["or", "vs", "versus"],
  to: ["to", "with"],
  between: ["between"],
  than: ["than"],
} as const satisfies Record<string, readonly string[]>;

/** Words that add nothing a wrong answer could hide behind. */
const FILLERS = new Set(
  [
    "the a an of is was were are be been does do did has have had will it its their there",
    "please for in on value values level levels number numbers count amount quantity size",
    "occur occurs occurred happen happens happened ",
    "stay stays stayed remain remains remained that this still left reached",
    "reach reaches attain attains attained exist exists existed our",
  ]
    .join(" ")
    .split(" "),
);

/** Politeness, and phrases that only say "in this run". */
const FILLER_PHRASES = [
  ..."tell me,give me,show me,show,can you,could you,i want to know".split(","),
  ..."i would like to know,i d like to know,hi,hello,hey,compute,calculate,find".split(","),
  ..."in the run,in the simulation,in the model,in this run,in this simulation".split(","),
  ..."of the run,of the simulation,of this run,in this model".split(","),
  ..."do we see,do we have,do we get,we see,we have,we get,we ever see".split(","),
];

/** Words for people; they explain themselves beside a variable that counts people. */
export const PERSON_WORDS: ReadonlySet<string> = new Set(
  "people person persons individual individuals ppl".split(" "),
);

/** Words that may stand before or after a name without changing which variable is meant. */
export const GENERIC_NAME_WORDS: ReadonlySet<string> = new Set(
  "total number count current overall".split(" "),
);

/**
 * Names that mean the same, and the names whose presence in a model makes that doubtful: with a
 * variable `exposed`, "infected" could mean either, and the analyst must not choose.
 */
export const SYNONYMS: readonly {
  readonly words: readonly string[];
  readonly doubtfulWith: readonly string[];
}[] = [
  {
    words: ["infectious", "infected", "infective", "sick", "ill"],
    doubtfulWith: ["exposed", "latent", "asymptomatic", "carrier", "hospitalized", "quarantined"],
  },
  {
    words: ["recovered", "removed"],
    doubtfulWith: ["dead", "deceased", "deaths", "died", "vaccinated"],
  },
];

/** Words for the course of a disease as a whole; its peak is the peak of the infectious. */
export const EPIDEMIC_WORDS: ReadonlySet<string> = new Set("epidemic outbreak".split(" "));

/** The variable an epidemic's peak is the peak of. */
export const EPIDEMIC_VARIABLE = "infectious";

/** Words for numbers, as factors of what stands before them. */
export const MULTIPLIERS: ReadonlyMap<string, number> = new Map([
  ["hundred", 100],
  ["thousand", 1000],
  ["million", 1e6],
  ["billion", 1e9],
]);

/** Small numbers as words; "one" is left out, because it is more often a pronoun. */
export const NUMBER_WORDS: ReadonlyMap<string, number> = new Map(
  "zero,two,three,four,five,six,seven,eight,nine,ten,twenty,thirty,forty,fifty"
    .split(",")
    .map((word, index) => [word, [0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20, 30, 40, 50][index] ?? 0]),
);

/** Words for parts of something. */
export const FRACTION_WORDS: ReadonlyMap<string, number> = new Map([
  ["half", 1 / 2],
  ["third", 1 / 3],
  ["quarter", 1 / 4],
  ["tenth", 1 / 10],
]);

const CUES_BY_PHRASE: ReadonlyMap<string, Cue> = new Map(
  Object.entries(CUE_PHRASES).flatMap(([cue, phrases]) =>
    phrases.map((phrase) => [phrase, cue as Cue] as const),
  ),
);
const FILLER_PHRASE_SET: ReadonlySet<string> = new Set([...FILLERS, ...FILLER_PHRASES]);
const LONGEST_PHRASE_WORDS = 6;

/**
 * The longest known phrase at the head of `words`: its cue (null for a filler) and its length.
 * `symbols` are the same words with those for time replaced by `~`.
 */
export function readPhrase(
  words: readonly string[],
  symbols: readonly string[],
): { readonly cue: Cue | null; readonly length: number } | undefined {
  for (let length = Math.min(LONGEST_PHRASE_WORDS, words.length); length > 0; length -= 1) {
    for (const line of [words, symbols]) {
      const phrase = line.slice(0, length).join(" ");
      const cue = CUES_BY_PHRASE.get(phrase);
      if (cue !== undefined) return { cue, length };
      if (FILLER_PHRASE_SET.has(phrase)) return { cue: null, length };
    }
  }
  return undefined;
}
