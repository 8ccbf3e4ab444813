/**
 * Puts the steps of a flow into stages for drawing: by longest path, with a lane in every stage
 * that an edge passes on its way, ordered so that few edges cross. Pure.
 */
import { stagesOf } from "../../orchestrator/graph.ts";
import type { StepId } from "../../protocol/ids.ts";

/** As much of a step as drawing the graph needs. */
export interface DrawnStep {
  readonly id: StepId;
  readonly needs: readonly StepId[];
}

/** A place in a stage: a step, or the lane of edges that leave `from` for a later stage. */
export type Slot<S> =
  | { readonly kind: "step"; readonly from: StepId; readonly step: S }
  | { readonly kind: "lane"; readonly from: StepId };

/** Whether an edge is drawn from a slot to a slot of the next stage. */
export function isLinked<S extends DrawnStep>(left: Slot<S>, right: Slot<S>): boolean {
  return right.kind === "step" ? right.step.needs.includes(left.from) : right.from === left.from;
}

/** How often the order of the stages is improved, there and back. */
const SWEEPS = 4;

/** The stages with their lanes, each from top to bottom. */
export function layersOf<S extends DrawnStep>(
  steps: readonly S[],
): readonly (readonly Slot<S>[])[] {
  const stages = stagesOf(steps);
  const stageOf = new Map(stages.flatMap((stage, at) => stage.map((step) => [step.id, at])));
  const last = new Map<StepId, number>();
  for (const step of steps) {
    const at = stageOf.get(step.id) ?? 0;
    for (const need of step.needs) last.set(need, Math.max(last.get(need) ?? 0, at));
  }
  const layers = stages.map((stage, at): readonly Slot<S>[] => [
    ...stage.map((step) => ({ kind: "step" as const, from: step.id, step })),
    ...[...last]
      .filter(([id, end]) => (stageOf.get(id) ?? at) < at && at < end)
      .map(([from]) => ({ kind: "lane" as const, from })),
  ]);
  return ordered(layers);
}

/** Orders each stage by where its neighbours are: the barycentre method, kept when it helps. */
function ordered<S extends DrawnStep>(
  layers: readonly (readonly Slot<S>[])[],
): readonly (readonly Slot<S>[])[] {
  let best = layers;
  let current = layers;
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    current = swept(current, sweep % 2 === 0);
    if (crossings(current) < crossings(best)) best = current;
  }
  return best;
}

function swept<S extends DrawnStep>(
  layers: readonly (readonly Slot<S>[])[],
  forward: boolean,
): readonly (readonly Slot<S>[])[] {
  const result = [...layers];
  const order = [...layers.keys()];
  if (!forward) order.reverse();
  for (const at of order) {
    const beside = result[forward ? at - 1 : at + 1];
    const layer = result[at];
    if (beside === undefined || layer === undefined) continue;
    const linked = (slot: Slot<S>, other: Slot<S>): boolean =>
      forward ? isLinked(other, slot) : isLinked(slot, other);
    result[at] = sortedByMean(layer, (slot) =>
      beside.flatMap((other, row) => (linked(slot, other) ? [row] : [])),
    );
  }
  return result;
}

function sortedByMean<Item>(
  items: readonly Item[],
  rowsOf: (item: Item) => readonly number[],
): readonly Item[] {
  const ranked = items.map((item, at) => {
    const rows = rowsOf(item);
    const mean = rows.length === 0 ? at : rows.reduce((sum, row) => sum + row, 0) / rows.length;
    return { item, mean };
  });
  return ranked.sort((left, right) => left.mean - right.mean).map(({ item }) => item);
}

/** How many pairs of edges cross. */
function crossings<S extends DrawnStep>(layers: readonly (readonly Slot<S>[])[]): number {
  let count = 0;
  for (const [at, right] of layers.entries()) {
    const left = layers[at - 1] ?? [];
    const ends = left.flatMap((slot, from) =>
      right.flatMap((other, to) => (isLinked(slot, other) ? [{ from, to }] : [])),
    );
    for (const [index, one] of ends.entries()) {
      for (const two of ends.slice(index + 1)) {
        if ((one.from - two.from) * (one.to - two.to) < 0) count += 1;
      }
    }
  }
  return count;
}
