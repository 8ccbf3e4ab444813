import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { parquetWriteBuffer } from "hyparquet-writer";
import { expect, test } from "vitest";
import { buildSql } from "../../src/engines/analyst/build-sql.ts";
import { openSandbox } from "../../src/engines/analyst/duckdb-sandbox.ts";
import { parseQuestion } from "../../src/engines/analyst/parse-question.ts";
import { suggestQuestions } from "../../src/engines/analyst/suggest.ts";
import { type AnalystTable, type Subject, tableOf } from "../../src/engines/analyst/table.ts";
import { epidemicOutput, epidemicParquet, stepEpidemic } from "../qna-bank/epidemic.ts";
import { ANSWERABLE } from "../qna-bank/questions.ts";

const epidemic = stepEpidemic();
const table: AnalystTable = tableOf(epidemicOutput(epidemic, epidemicParquet(epidemic)));

const stranger = fc
  .stringMatching(/^[bcdfghjklmnpqrstvwxz]{6,10}$/u)
  .filter((word) => !/^(?:mnt|thr)/u.test(word));
const answerable = fc.constantFrom(...ANSWERABLE.map(({ question }) => question));

test("refuses any question with one strange word in it", () => {
  fc.assert(
    fc.property(answerable, stranger, fc.nat(), (question, word, place) => {
      const words = question.split(" ");
      words.splice(place % (words.length + 1), 0, word);
      expect(parseQuestion(words.join(" "), table).status).toBe("abstained");
    }),
  );
});

test("refuses any question with a sign of SQL or of a shell in it", () => {
  const sign = fc.constantFrom(";", "--", "/*", "(", ")", "\\", "$", "{", "*", "|", "\u0000", "@");
  fc.assert(
    fc.property(answerable, sign, fc.nat(), (question, text, place) => {
      const words = question.split(" ");
      words.splice(place % (words.length + 1), 0, text);
      expect(parseQuestion(words.join(" "), table).status).toBe("abstained");
    }),
  );
});

test("survives any text, and never lets it into a query", () => {
  const known = fc.constantFrom(..."what,peak,of,infectious,day,30,above,and,recovered".split(","));
  const text = fc.array(fc.oneof(known, fc.string({ unit: "grapheme" })), { maxLength: 12 });
  const shape = /^[\w\s"(),.*+/<>=-]+$/u;
  fc.assert(
    fc.property(text, (pieces) => {
      const parsed = parseQuestion(pieces.join(" "), table);
      if (parsed.status === "abstained") return;
      expect(buildSql(parsed.intent) ?? "SELECT").toMatch(shape);
    }),
    { numRuns: 500 },
  );
});

const anyName = fc.string({ minLength: 1, maxLength: 30, unit: "grapheme" });
const anySubject: fc.Arbitrary<Subject> = fc.record({
  name: anyName,
  label: anyName,
  kind: fc.constantFrom("stock", "flow", "auxiliary", "parameter"),
  unit: fc.option(anyName),
  constant: fc.constant(1),
});

test("understands every question it suggests, whatever the variables are called", () => {
  fc.assert(
    fc.property(fc.array(anySubject, { maxLength: 6 }), anyName, (subjects, timeUnit) => {
      const changing = subjects.map((subject, index) => {
        return index % 2 === 0 && subject.kind !== "parameter"
          ? { ...subject, constant: null }
          : subject;
      });
      const run = { timeUnit, startTime: 0, stopTime: 10, subjects: changing, highlights: [] };
      for (const question of suggestQuestions(run)) {
        expect(parseQuestion(question, run).status).toBe("understood");
      }
    }),
  );
});

test("queries columns of any name", async () => {
  const folder = await mkdtemp(join(tmpdir(), "names-"));
  const sandbox = await openSandbox(folder);
  const hostile = fc.constantFrom(
    'a"b',
    'x"; DROP VIEW simulation; --',
    "it's",
    "select",
    "ü 漢",
    "a\\b",
  );
  await fc.assert(
    fc.asyncProperty(hostile, async (name) => {
      const dataPath = join(folder, "run.parquet");
      const columnData = [
        { name: "time", data: [0, 1, 2], type: "DOUBLE" as const },
        { name, data: [3, 9, 4], type: "DOUBLE" as const },
      ];
      await writeFile(dataPath, new Uint8Array(parquetWriteBuffer({ columnData })));
      const variable: Subject = { name, label: name, kind: "stock", unit: null, constant: null };
      const window = { from: 0, to: 2, whole: true };
      const sql = buildSql({ type: "extreme", which: "peak", wants: "value", variable, window });
      const row = await sandbox.queryRow({ sql: sql ?? "", tableName: "simulation", dataPath });
      expect(row).toEqual({ ok: true, value: { value: 9, at_time: 1 } });
    }),
    { numRuns: 20 },
  );
  sandbox.close();
  await rm(folder, { recursive: true, force: true });
});
