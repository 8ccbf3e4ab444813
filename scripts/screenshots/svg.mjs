/** A terminal's screen as SVG. */

const CELL = { width: 8.4, height: 18 };
const BACKGROUND = "#16181d";
const FOREGROUND = "#d6d8de";
const PALETTE = [
  "#2b2f38",
  "#e06c75",
  "#98c379",
  "#e5c07b",
  "#61afef",
  "#c678dd",
  "#56b6c2",
  "#d6d8de",
  "#7f8694",
  "#ff8b94",
  "#b5e890",
  "#ffd68a",
  "#82c7ff",
  "#dd9cf2",
  "#7fdbe6",
  "#ffffff",
];

function colourOf(cell, which) {
  const isForeground = which === "Fg";
  const fallback = isForeground ? FOREGROUND : BACKGROUND;
  if (cell[`is${which}Default`]()) return fallback;
  const value = cell[`get${which}Color`]();
  if (cell[`is${which}RGB`]()) return `#${value.toString(16).padStart(6, "0")}`;
  if (value < 16) return PALETTE[value];
  if (value >= 232) return grey((value - 232) * 10 + 8);
  const index = value - 16;
  const level = (part) => (part === 0 ? 0 : part * 40 + 55);
  return hex(level(Math.floor(index / 36)), level(Math.floor(index / 6) % 6), level(index % 6));
}

const hex = (...parts) => `#${parts.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
const grey = (level) => hex(level, level, level);
const escapeXml = (text) =>
  text.replace(/[&<>]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[c]);

function styleOf(cell) {
  const inverse = cell.isInverse() !== 0;
  const fill = colourOf(cell, inverse ? "Bg" : "Fg");
  const back = colourOf(cell, inverse ? "Fg" : "Bg");
  return { fill, back, bold: cell.isBold() !== 0, dim: cell.isDim() !== 0 };
}

function runsOf(line, columns) {
  const runs = [];
  for (let column = 0; column < columns; column += 1) {
    const cell = line.getCell(column);
    if (cell === undefined || cell.getWidth() === 0) continue;
    const style = styleOf(cell);
    const key = JSON.stringify(style);
    const last = runs[runs.length - 1];
    const text = cell.getChars() === "" ? " " : cell.getChars();
    if (last?.key === key) Object.assign(last, { text: last.text + text, cells: last.cells + 1 });
    else runs.push({ key, style, text, column, cells: 1 });
  }
  return runs;
}

function svgOfRun({ style, text, column, cells }, row) {
  const x = 12 + column * CELL.width;
  const y = 12 + row * CELL.height;
  const width = (cells * CELL.width).toFixed(1);
  const rectangle =
    style.back === BACKGROUND
      ? []
      : [`<rect x="${x}" y="${y}" width="${width}" height="${CELL.height}" fill="${style.back}"/>`];
  if (text.trim() === "") return rectangle;
  const weight = style.bold ? ' font-weight="bold"' : "";
  const faint = style.dim ? ' opacity="0.6"' : "";
  const place = `x="${x}" y="${y + 13}" textLength="${width}" lengthAdjust="spacingAndGlyphs"`;
  const words = `<text ${place} fill="${style.fill}"${weight}${faint} xml:space="preserve">${escapeXml(text)}</text>`;
  return [...rectangle, words];
}

/** Draws what a terminal of @xterm/headless shows. */
export function svgOf(terminal) {
  const { cols, rows } = terminal;
  const width = cols * CELL.width + 24;
  const height = rows * CELL.height + 24;
  const { active } = terminal.buffer;
  const parts = Array.from({ length: rows }, (_unused, row) => {
    const line = active.getLine(active.baseY + row);
    return line === undefined ? [] : runsOf(line, cols).flatMap((run) => svgOfRun(run, row));
  }).flat();
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14">\n<rect width="${width}" height="${height}" rx="8" fill="${BACKGROUND}"/>\n${parts.join("\n")}\n</svg>\n`;
}
