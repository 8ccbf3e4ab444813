/** The program that draws one spec of unknown origin and ends; see `draw-apart.ts`. */
import type { Result } from "../../base/result.ts";
import { ok } from "../../base/result.ts";
import type { Failure } from "../../protocol/failure.ts";
import type { ApartChart, ApartOrder } from "./draw-apart.ts";
import { renderChart } from "./render.ts";
import { drawSpecInTerminal } from "./terminal-spec.ts";

process.once("disconnect", () => process.exit(0));
process.once("message", async (order: ApartOrder) => {
  process.send?.(await draw(order), () => process.disconnect());
});

async function draw({ spec, rows, box }: ApartOrder): Promise<Result<ApartChart, Failure>> {
  const drawn = await renderChart(spec, rows);
  if (!drawn.ok) return drawn;
  const text = await drawSpecInTerminal(drawn.value.spec, box);
  const lines = text.ok ? text.value.map((line) => line.map((span) => span.text).join("")) : [];
  return ok({ ...drawn.value, lines });
}
