/** Questions about the step graph: who comes before, who comes after, is there a circle. */
import type { StepId } from "../protocol/ids.ts";

/** As much of a step as the graph needs. */
export interface GraphStep {
  readonly id: StepId;
  readonly needs: readonly StepId[];
}

/** All steps that must have succeeded before `id`, near and far. */
export function ancestorsOf(steps: readonly GraphStep[], id: StepId): ReadonlySet<StepId> {
  return reach(id, (current) => steps.find((step) => step.id === current)?.needs ?? []);
}

/** All steps built on the output of `id`, near and far: the cone a rerun resets. */
export function descendantsOf(steps: readonly GraphStep[], id: StepId): ReadonlySet<StepId> {
  return reach(id, (current) =>
    steps.filter((step) => step.needs.includes(current)).map((step) => step.id),
  );
}

function reach(start: StepId, next: (id: StepId) => readonly StepId[]): ReadonlySet<StepId> {
  const reached = new Set<StepId>();
  const open = [...next(start)];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (reached.has(id)) continue;
    reached.add(id);
    open.push(...next(id));
  }
  return reached;
}

/** The shortest circle through the first step that is on one; ends where it began. */
export function findCycle(steps: readonly GraphStep[]): readonly StepId[] | undefined {
  for (const step of steps) {
    const circle = shortestWayBack(steps, step.id);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

/** Widens from `start` over the needs, step by step, until it meets `start` again. */
function shortestWayBack(
  steps: readonly GraphStep[],
  start: StepId,
): readonly StepId[] | undefined {
  const seen = new Set<StepId>();
  const open: (readonly StepId[])[] = [[start]];
  for (let path = open.shift(); path !== undefined; path = open.shift()) {
    const last = path[path.length - 1];
    for (const need of steps.find((step) => step.id === last)?.needs ?? []) {
      if (need === start) return [...path, need];
      if (seen.has(need)) continue;
      seen.add(need);
      open.push([...path, need]);
    }
  }
  return undefined;
}

/** Steps by stage: stage n holds the steps whose longest way from the start has n edges. */
export function stagesOf<S extends GraphStep>(steps: readonly S[]): readonly (readonly S[])[] {
  const depths = new Map<StepId, number>();
  const depthOf = (step: S): number => {
    const known = depths.get(step.id);
    if (known !== undefined) return known;
    const before = steps.filter((other) => step.needs.includes(other.id));
    const depth = before.length === 0 ? 0 : 1 + Math.max(...before.map(depthOf));
    depths.set(step.id, depth);
    return depth;
  };
  const stages: S[][] = [];
  for (const step of steps) {
    const depth = depthOf(step);
    while (stages.length <= depth) stages.push([]);
    stages[depth]?.push(step);
  }
  return stages;
}
