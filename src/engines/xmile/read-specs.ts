import type { Method, SimulationSpecs } from "./model.ts";
import { refuse } from "./problem.ts";
import { readNumber } from "./read-number.ts";
import type { XmlNode } from "./xml.ts";
import { childOf } from "./xml.ts";

/**
 * The methods a file may name. Those of higher or adaptive order run as RK4, the closest fixed-step
 * method, as XMILE allows a fallback. Source: XMILE 1.0, section 2.3.
 */
const METHODS: Readonly<Record<string, Method>> = {
  euler: "euler",
  rk4: "rk4",
  rk2: "rk4",
  rk45: "rk4",
  gear: "rk4",
};

/** Reads `<sim_specs>`: 1 is the time step and Euler the method unless the file says otherwise. */
export function readSpecs(node: XmlNode | undefined): SimulationSpecs {
  if (node === undefined) {
    return refuse("invalid-model", {}, "The model has no <sim_specs>: when it starts and stops");
  }
  const place = { line: node.line };
  const startTime = readNumber(childOf(node, "start")?.text, place, "<start>");
  const stopTime = readNumber(childOf(node, "stop")?.text, place, "<stop>");
  const timeStep = readTimeStep(node);
  if (stopTime < startTime) {
    refuse("invalid-model", place, `The model stops at ${stopTime}, before it starts`);
  }
  const saveStep = readSaveStep(node);
  return {
    startTime,
    stopTime,
    timeStep,
    method: readMethod(node),
    ...(saveStep === undefined ? {} : { saveStep }),
  };
}

/** The unit of time, for labels; `time` when the file does not say. */
export function readTimeUnit(node: XmlNode | undefined): string {
  const written = node?.attributes.get("time_units")?.trim();
  return written === undefined || written === "" ? "time" : written;
}

function readTimeStep(specs: XmlNode): number {
  const node = childOf(specs, "dt");
  if (node === undefined) return 1;
  const place = { line: node.line };
  const written = readNumber(node.text, place, "<dt>");
  if (written <= 0) refuse("invalid-model", place, "The time step <dt> is not positive");
  return node.attributes.get("reciprocal")?.trim() === "true" ? 1 / written : written;
}

/** A save step as vendors write it, for XMILE 1.0 itself has none. */
function readSaveStep(specs: XmlNode): number | undefined {
  const node = childOf(specs, "savestep") ?? childOf(specs, "save_step");
  const written = node?.text ?? specs.attributes.get("isee:save_interval");
  if (written === undefined) return undefined;
  const saveStep = readNumber(written, { line: specs.line }, "the save step");
  return saveStep > 0 ? saveStep : undefined;
}

function readMethod(specs: XmlNode): Method {
  const written = specs.attributes.get("method") ?? "euler";
  const named = written.split(",").map((method) => method.trim().toLowerCase());
  for (const method of named) {
    const known = Object.hasOwn(METHODS, method) ? METHODS[method] : undefined;
    if (known !== undefined) return known;
  }
  return refuse(
    "not-supported",
    { line: specs.line },
    `The integration method \`${written.slice(0, 40)}\` is not supported`,
    "Use method Euler or RK4.",
  );
}
