/**
 * The query that answers an intent: one row, whose columns phrase.ts knows.
 *
 * B1 Text of a question never enters a query: only names of the table's own columns, quoted, and
 *    numbers.
 * B2 Times of a window are compared after rounding, because steps such as 0.1 add up inexactly.
 */
import { assertNever, invariant } from "../../base/assert.ts";
import { identifier } from "../sql-text.ts";
import type { ExtremeKind, Intent, Measure, Threshold, TimeWindow } from "./intent.ts";
import { type Subject, TABLE_NAME, TIME_COLUMN } from "./table.ts";

type IntentOf<Type extends Intent["type"]> = Extract<Intent, { type: Type }>;

const TIME = identifier(TIME_COLUMN);

/** The query for an intent; null when the run's own description holds the answer. */
export function buildSql(intent: Intent): string | null {
  switch (intent.type) {
    case "extreme":
      return (
        `SELECT ${column(intent.variable)} AS value, ${TIME} AS at_time FROM ${TABLE_NAME}` +
        `${during(intent.window)} ORDER BY value ${towards(intent.which)}, at_time LIMIT 1`
      );
    case "value-at":
      return nearest(`${column(intent.variable)} AS value, ${TIME} AS at_time`, intent.point.at);
    case "value-when":
      return (
        `SELECT ${column(intent.variable)} AS value, ${TIME} AS at_time FROM ${TABLE_NAME} ` +
        `ORDER BY ${column(intent.other)} ${towards(intent.which)}, at_time LIMIT 1`
      );
    case "aggregate":
      return intent.kind === "total" ? totalSql(intent) : averageSql(intent.kind, intent);
    case "change":
      return changeSql(intent);
    case "crossing":
      return crossingSql(intent);
    case "duration":
      return durationSql(intent);
    case "compare":
      return (
        `SELECT (${measureSql(intent.left, intent.measure)}) AS left_value, ` +
        `(${measureSql(intent.right, intent.measure)}) AS right_value`
      );
    case "share":
      return shareSql(intent);
    case "constant":
      return intent.subject.kind === "parameter"
        ? null
        : `SELECT any_value(${column(intent.subject)}) AS value FROM ${TABLE_NAME}`;
    default:
      return assertNever(intent);
  }
}

function column(subject: Subject): string {
  if (subject.kind !== "parameter") return identifier(subject.name);
  invariant(subject.constant !== null, "a parameter has a value");
  return literal(subject.constant);
}

function literal(value: number): string {
  invariant(Number.isFinite(value), "a query holds finite numbers");
  return value < 0 ? `(${value})` : String(value);
}

function towards(which: ExtremeKind): "DESC" | "ASC" {
  return which === "peak" ? "DESC" : "ASC";
}

function during(window: TimeWindow): string {
  if (window.whole) return "";
  return ` WHERE round(${TIME}, 9) BETWEEN ${literal(window.from)} AND ${literal(window.to)}`; // B2
}

function nearest(selected: string, time: number): string {
  const distance = `abs(${TIME} - ${literal(time)})`;
  return `SELECT ${selected} FROM ${TABLE_NAME} ORDER BY ${distance}, ${TIME} LIMIT 1`;
}

const AGGREGATES = {
  mean: (name: string) => `avg(${name})`,
  median: (name: string) => `median(${name})`,
  deviation: (name: string) => `stddev_pop(${name})`,
  range: (name: string) => `max(${name}) - min(${name})`,
} as const;

function averageSql(
  kind: keyof typeof AGGREGATES,
  { variable, window }: IntentOf<"aggregate">,
): string {
  return (
    `SELECT ${AGGREGATES[kind](column(variable))} AS value, count(*) AS rows ` +
    `FROM ${TABLE_NAME}${during(window)}`
  );
}

function totalSql({ variable, window }: IntentOf<"aggregate">): string {
  return (
    `WITH steps AS (SELECT ${TIME} AS at_time, ${column(variable)} AS value, ` +
    `lead(${TIME}) OVER (ORDER BY ${TIME}) AS next_at, ` +
    `lead(${column(variable)}) OVER (ORDER BY ${TIME}) AS next_value ` +
    `FROM ${TABLE_NAME}${during(window)}) ` +
    "SELECT sum((value + next_value) / 2 * (next_at - at_time)) AS value FROM steps"
  );
}

const CHANGES = {
  difference: "after - before",
  percent: "100 * (after - before) / nullif(before, 0)",
  factor: "after / nullif(before, 0)",
} as const;

function changeSql({ kind, variable, window }: IntentOf<"change">): string {
  const valueAt = (time: number) => `(${nearest(column(variable), time)})`;
  return (
    `WITH ends AS (SELECT ${valueAt(window.from)} AS before, ${valueAt(window.to)} AS after) ` +
    `SELECT ${CHANGES[kind]} AS value, before, after FROM ends`
  );
}

function levelSql({ level, side }: Threshold, variable: Subject): string {
  switch (level.type) {
    case "number":
      return literal(level.value);
    case "fraction": {
      const base =
        level.of === "peak" ? `max(${column(variable)})` : `arg_min(${column(variable)}, ${TIME})`;
      // What starts at 0 cannot reach twice that: it is there already.
      const from = side === "reach" ? `nullif(${base}, 0)` : base;
      return `${literal(level.fraction)} * (SELECT ${from} FROM ${TABLE_NAME})`;
    }
    case "variable":
      return level.fraction === 1
        ? column(level.variable)
        : `${literal(level.fraction)} * ${column(level.variable)}`;
    default:
      return assertNever(level);
  }
}

const CONDITIONS = {
  above: "value > level",
  "at-least": "value >= level",
  below: "value < level",
  "at-most": "value <= level",
  falling:
    "value < level AND lag(value) OVER (ORDER BY at_time) >= lag(level) OVER (ORDER BY at_time)",
  reach:
    "CASE WHEN first_value(value < level) OVER (ORDER BY at_time) " +
    "THEN value >= level ELSE value <= level END",
} as const satisfies Record<Threshold["side"], string>;

function courseSql(variable: Subject, threshold: Threshold): string {
  return (
    `course AS (SELECT ${TIME} AS at_time, ${column(variable)} AS value, ` +
    `${levelSql(threshold, variable)} AS level FROM ${TABLE_NAME})`
  );
}

function crossingSql({ variable, threshold }: IntentOf<"crossing">): string {
  return (
    `WITH ${courseSql(variable, threshold)}, ` +
    `marked AS (SELECT at_time, ${CONDITIONS[threshold.side]} AS holds FROM course) ` +
    "SELECT min(at_time) FILTER (WHERE holds) AS first_at, max(at_time) FILTER (WHERE holds) AS last_at, " +
    "min(at_time) AS start_at, max(at_time) AS end_at, count(holds) AS judged FROM marked"
  );
}

function durationSql({ variable, threshold, window }: IntentOf<"duration">): string {
  const within = window.whole
    ? ""
    : ` WHERE round(at_time, 9) BETWEEN ${literal(window.from)} AND ${literal(window.to)}`;
  return (
    `WITH ${courseSql(variable, threshold)}, ` +
    `marked AS (SELECT at_time, lead(at_time) OVER (ORDER BY at_time) AS next_at, ` +
    `${CONDITIONS[threshold.side]} AS holds FROM course${within}) ` +
    "SELECT coalesce(sum(next_at - at_time) FILTER (WHERE holds), 0) AS value FROM marked"
  );
}

function measureSql(subject: Subject, measure: Measure): string {
  switch (measure.type) {
    case "extreme": {
      const aggregate = measure.which === "peak" ? "max" : "min";
      return `SELECT ${aggregate}(${column(subject)}) FROM ${TABLE_NAME}${during(measure.window)}`;
    }
    case "time-of-extreme":
      return (
        `SELECT ${TIME} FROM ${TABLE_NAME}${during(measure.window)} ` +
        `ORDER BY ${column(subject)} ${towards(measure.which)}, ${TIME} LIMIT 1`
      );
    case "mean":
      return `SELECT avg(${column(subject)}) FROM ${TABLE_NAME}${during(measure.window)}`;
    case "value-at":
      return nearest(column(subject), measure.point.at);
    default:
      return assertNever(measure);
  }
}

function shareSql({ part, whole, moment }: IntentOf<"share">): string {
  const order =
    typeof moment === "string"
      ? `part ${towards(moment)}, at_time`
      : `abs(${TIME} - ${literal(moment.at)}), at_time`;
  return (
    `SELECT 100 * ${column(part)} / nullif(${column(whole)}, 0) AS value, ` +
    `${column(part)} AS part, ${column(whole)} AS whole, ${TIME} AS at_time ` +
    `FROM ${TABLE_NAME} ORDER BY ${order} LIMIT 1`
  );
}
