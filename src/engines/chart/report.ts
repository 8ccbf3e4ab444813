/**
 * A chart with all that belongs to it as one HTML file.
 *
 * H1 The file needs nothing else: no script, no font, no picture, no address.
 * H2 Whatever came from outside is escaped; the only markup that is taken over is the chart's.
 */
import { escapeMarkup } from "./markup.ts";

/** An answer as the report prints it. */
export interface ReportAnswer {
  readonly question: string;
  readonly answer: string;
  readonly how: string;
}

/** A table as the report prints it; numbers stand to the right. */
export interface ReportTable {
  readonly caption: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/** A chart as the report shows it. */
export interface ReportChart {
  readonly title: string;
  readonly description: string;
  readonly svg: string;
}

/** A report to be. */
export interface Report {
  readonly title: string;
  readonly charts: readonly ReportChart[];
  readonly answers: readonly ReportAnswer[];
  readonly tables: readonly ReportTable[];
  /** How it was made: what and which. */
  readonly making: readonly (readonly [what: string, which: string])[];
}

const STYLE = `
:root { color-scheme: light; }
body { font: 15px/1.5 "DejaVu Sans", system-ui, sans-serif; color: #1f1f1f; background: #fff;
  max-width: 860px; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
figure { margin: 1rem 0; } figure svg { max-width: 100%; height: auto; }
figcaption { color: #444; font-size: .9rem; }
blockquote { margin: 1rem 0; padding: .2rem 1rem; border-left: 4px solid #0072b2; }
.answer { font-weight: bold; } .how { color: #444; font-size: .9rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .85rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: #444; padding-bottom: .3rem; }
th, td { padding: .2rem .7rem; border-bottom: 1px solid #ddd; text-align: left; }
td.number { text-align: right; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; font-size: .9rem; }
dt { color: #444; } dd { margin: 0; overflow-wrap: anywhere; }
@media print { body { margin: 0; } details { display: block; } }
`;

/** The report as one HTML file. */
export function writeReport(report: Report): string {
  const { title, charts, answers, tables, making } = report;
  const [first, ...others] = tables;
  return `${[
    "<!doctype html>",
    '<html lang="en"><head><meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`, // H1
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapeMarkup(title)}</title><style>${STYLE}</style></head><body>`,
    `<h1>${escapeMarkup(title)}</h1>`,
    ...answers.map(answerMarkup),
    ...charts.map(
      ({ svg, description }) =>
        `<figure>${svg}<figcaption>${escapeMarkup(description)}</figcaption></figure>`, // H2
    ),
    ...(first === undefined ? [] : ["<h2>In numbers</h2>", tableMarkup(first)]),
    ...others.map(
      (table) =>
        `<details><summary>${escapeMarkup(table.caption)}</summary>${tableMarkup(table)}</details>`,
    ),
    "<h2>How it was made</h2><dl>",
    ...making.map(
      ([what, which]) => `<dt>${escapeMarkup(what)}</dt><dd>${escapeMarkup(which)}</dd>`,
    ),
    "</dl></body></html>",
  ].join("\n")}\n`;
}

function answerMarkup({ question, answer, how }: ReportAnswer): string {
  return [
    `<blockquote><p>${escapeMarkup(question)}</p>`,
    `<p class="answer">${escapeMarkup(answer)}</p>`,
    `<p class="how">${escapeMarkup(how)}</p></blockquote>`,
  ].join("\n");
}

function tableMarkup({ caption, columns, rows }: ReportTable): string {
  const cell = (value: string | number) =>
    typeof value === "number"
      ? `<td class="number">${value}</td>`
      : `<td>${escapeMarkup(value)}</td>`;
  const head = columns.map((name) => `<th scope="col">${escapeMarkup(name)}</th>`).join("");
  const body = rows.map((row) => `<tr>${row.map(cell).join("")}</tr>`).join("\n");
  return [
    `<div class="wide"><table><caption>${escapeMarkup(caption)}</caption>`,
    `<thead><tr>${head}</tr></thead><tbody>\n${body}\n</tbody></table></div>`,
  ].join("\n");
}
