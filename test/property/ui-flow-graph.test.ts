/** Any graph of up to forty steps is drawn so that it can be read, in a pane of any size. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { Ring } from "../../src/console/ring.ts";
import { stepKeySchema } from "../../src/protocol/ids.ts";
import { FIRST_SCREEN } from "../../src/ui/model/screen.ts";
import { graphLines } from "../../src/ui/panes/flow-graph.ts";
import { lineWidth } from "../../src/ui/spans.ts";
import { followLines } from "../support/follow-lines.ts";
import { stateOf } from "../support/mount-screen.ts";
import { runView } from "../support/run-history.ts";

/** Up to forty steps, each after any of those before it. */
const graphs = fc
  .integer({ min: 1, max: 40 })
  .chain((size) =>
    fc.tuple(
      ...Array.from({ length: size }, (_, at) =>
        at === 0
          ? fc.constant<number[]>([])
          : fc.uniqueArray(fc.integer({ min: 0, max: at - 1 }), { maxLength: 3 }),
      ),
    ),
  );

const sizes = fc.record({
  width: fc.integer({ min: 40, max: 120 }),
  height: fc.integer({ min: 5, max: 45 }),
});

function runOf(needs: readonly (readonly number[])[]) {
  const steps = needs.map((before, at) => {
    const names = before.map((one) => `step-${one}`).join(", ");
    return `  step-${at}: { agent: simulation, needs: [${names}], input: { model: sir } }`;
  });
  return runView({
    id: "run-1",
    flow: "drawn",
    text: ["name: drawn", "steps:", ...steps].join("\n"),
  });
}

function drawn(
  run: ReturnType<typeof runOf>,
  step: string,
  size: { readonly width: number; readonly height: number },
) {
  const lines = graphLines(
    {
      screen: { ...FIRST_SCREEN, stepKey: stepKeySchema.parse(step) },
      state: stateOf({ runs: [run] }),
      events: new Ring(1),
      messages: new Ring(1),
      drawChart: () => [],
      offeredFlow: "drawn",
      keymap: [],
      focused: true,
      ...size,
    },
    run,
  );
  return { lines, text: lines.map((line) => line.map(({ text }) => text).join("")) };
}

test("the selected step is in view, and nothing leaves the pane", () => {
  fc.assert(
    fc.property(graphs, sizes, fc.nat(), (needs, size, pick) => {
      const name = `step-${pick % needs.length}`;
      const { lines, text } = drawn(runOf(needs), name, size);
      expect(lines.length).toBeLessThanOrEqual(size.height);
      for (const line of lines) expect(lineWidth(line)).toBeLessThanOrEqual(size.width);
      expect(text.join("\n")).toMatch(new RegExp(`(› . |┏━ )${name} `));
    }),
    { numRuns: 60 },
  );
});

test("where there is room for all of it every step has a card of its own, whole", () => {
  fc.assert(
    fc.property(graphs, (needs) => {
      const { text } = drawn(runOf(needs), "step-0", { width: 2000, height: 400 });
      const all = text.join("\n");
      for (const at of needs.keys()) {
        expect(all.match(new RegExp(`[╭┏][─━] step-${at} [─━]*[╮┓]`, "g"))).toHaveLength(1);
      }
      const count = (corner: RegExp): number => all.match(corner)?.length ?? 0;
      // A card that lay over another one would cover a part of its frame.
      expect(count(/◔ dispatched|○ waiting/g)).toBe(needs.length);
    }),
    { numRuns: 60 },
  );
});

test("every edge can be followed from card to card, also past the stages between", () => {
  fc.assert(
    fc.property(graphs, (needs) => {
      const { text } = drawn(runOf(needs), "step-0", { width: 2000, height: 400 });
      for (const [at, before] of needs.entries()) {
        for (const one of before) {
          expect(reached(text, one), `step-${one} → step-${at}`).toContain(at);
        }
      }
    }),
    { numRuns: 40 },
  );
});

/** Where the state of each step is written: the row in which its edges leave and arrive. */
function portsOf(text: readonly string[]): readonly {
  readonly step: number;
  readonly row: number;
  readonly from: number;
  readonly to: number;
}[] {
  return text.flatMap((line, row) =>
    [...line.matchAll(/[╭┏][─━] step-(\d+) [─━]*[╮┓]/g)].map((match) => ({
      step: Number(match[1]),
      row: row + 1,
      from: match.index,
      to: match.index + match[0].length - 1,
    })),
  );
}

/** The steps that a reader's eye comes to along the lines that leave a step. */
function reached(text: readonly string[], step: number): ReadonlySet<number> {
  const ports = portsOf(text);
  const start = ports.find((port) => port.step === step);
  const ends = new Set<number>();
  if (start === undefined) return ends;
  followLines(text, { row: start.row, at: start.to + 1 }, ({ row, at }, ways) => {
    const port = ports.find((one) => one.row === row && one.from === at);
    if (port === undefined) return ways;
    ends.add(port.step);
    return [];
  });
  return ends;
}
