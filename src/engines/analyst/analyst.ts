/**
 * The offline analyst: a question in plain English, answered from a run's table or not at all.
 * The shell between the pure parts (parse, build, phrase) and whatever runs the query.
 */
import { ok, type Result } from "../../base/result.ts";
import { buildSql } from "./build-sql.ts";
import { parseInContext } from "./follow-up.ts";
import { phrase } from "./phrase.ts";
import type { Phrased, Row } from "./phrase-parts.ts";
import { suggestQuestions } from "./suggest.ts";
import type { AnalystTable } from "./table.ts";

/** Runs one query over the run's rows and gives back the first row. */
export type RunQuery<Problem> = (sql: string) => Promise<Result<Row, Problem>>;

/** What the analyst has to say. */
export type Answer =
  | ({ readonly status: "answered"; readonly sql: string | null } & Phrased)
  | { readonly status: "abstained"; readonly answer: string; readonly reason: string };

/** A question, and those asked before it, the oldest first. */
export interface Asked {
  readonly question: string;
  readonly earlier?: readonly string[] | undefined;
}

/** Answers a question about a table; the only error is that of the query. */
export async function answerQuestion<Problem>(
  { question, earlier = [] }: Asked,
  table: AnalystTable,
  runQuery: RunQuery<Problem>,
): Promise<Result<Answer, Problem>> {
  const { parsed, after } = parseInContext(question, earlier, table);
  if (parsed.status === "abstained") return ok(abstention(parsed.reason, table));
  const sql = buildSql(parsed.intent);
  const rows: Result<Row, Problem> = sql === null ? ok({}) : await runQuery(sql);
  if (!rows.ok) return rows;
  const phrased = phrase(parsed.intent, rows.value, table);
  return ok(
    phrased === undefined
      ? abstention("The run holds no finite number for that.", table)
      : { status: "answered", sql, ...phrased, how: `${readAs(after)}${phrased.how}` },
  );
}

/** What a follow-up was taken to go on from. */
function readAs(after: string | null): string {
  return after === null ? "" : `Read as going on from “${after.slice(0, 200)}”. `;
}

/** Examples named in the sentence of an abstention; the rest are in the suggestions. */
const EXAMPLES = 3;

function abstention(reason: string, table: AnalystTable): Answer {
  const examples = suggestQuestions(table).slice(0, EXAMPLES);
  const instead = examples.length === 0 ? "" : ` I can tell you: ${examples.join(" ")}`;
  return { status: "abstained", reason, answer: `I can't answer that. ${reason}${instead}` };
}
