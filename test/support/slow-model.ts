/** A model whose simulation takes as long as a test needs it to be under way. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** Writes a model that is simulated for seconds (`slow`) or for minutes (`endless`). */
export function writeSlowModel(folder: string, pace: "slow" | "endless"): string {
  const path = join(folder, `${pace}.xmile`);
  writeFileSync(path, pace === "slow" ? slowModel(1, 100_000) : slowModel(10, 800_000));
  return path;
}

function slowModel(flows: number, steps: number): string {
  const sum = Array.from({ length: 50 }, (_, index) => `SIN(TIME + ${index})`).join(" + ");
  const names = Array.from({ length: flows }, (_, index) => `filling_${index}`);
  const inflows = names.map((name) => `<inflow>${name}</inflow>`).join("");
  return `<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0"
       xmlns:isee="http://iseesystems.com/XMILE">
  <header><vendor>test</vendor><product version="1.0">test</product><name>Slow</name></header>
  <sim_specs method="RK4" time_units="Days" isee:save_interval="${steps / 100}">
    <start>0</start><stop>${steps}</stop><dt>1</dt>
  </sim_specs>
  <model><variables>
    <stock name="level"><eqn>1</eqn>${inflows}<units>people</units></stock>
    ${names.map((name) => `<flow name="${name}"><eqn>${sum}</eqn></flow>`).join("\n    ")}
  </variables></model>
</xmile>
`;
}

/** A question that the slow models' results can answer. */
export const SLOW_QUESTION = "What is the peak of level?";
