import type { Result } from "../../base/result.ts";
import { err, ok } from "../../base/result.ts";

/**
 * Puts names into an order in which each comes after what it depends on; the error is a cycle,
 * with its first name repeated at the end. Depth-first, with its own stack so that long chains of
 * equations cannot exhaust the machine's.
 */
export function orderByDependency(
  dependencies: ReadonlyMap<string, readonly string[]>,
): Result<readonly string[], readonly string[]> {
  const walk: Walk = { dependencies, state: new Map(), order: [] };
  for (const root of dependencies.keys()) {
    const cycle = walk.state.has(root) ? undefined : visit(root, walk);
    if (cycle !== undefined) return err(cycle);
  }
  return ok(walk.order);
}

interface Walk {
  readonly dependencies: ReadonlyMap<string, readonly string[]>;
  /** `open` names lie on the path, `done` ones have their place in the order. */
  readonly state: Map<string, "open" | "done">;
  readonly order: string[];
}

/** Orders everything `root` depends on, then `root`; gives the cycle if it meets one. */
function visit(root: string, { dependencies, state, order }: Walk): readonly string[] | undefined {
  const path = [{ name: root, next: 0 }];
  state.set(root, "open");
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    const wanted = dependencies.get(top.name)?.[top.next];
    top.next += 1;
    if (wanted === undefined) {
      state.set(top.name, "done");
      order.push(top.name);
      path.pop();
    } else if (state.get(wanted) === "open") {
      return cycleOf(
        path.map(({ name }) => name),
        wanted,
      );
    } else if (!state.has(wanted)) {
      state.set(wanted, "open");
      path.push({ name: wanted, next: 0 });
    }
  }
  return undefined;
}

function cycleOf(path: readonly string[], repeated: string): readonly string[] {
  return [...path.slice(path.indexOf(repeated)), repeated];
}
