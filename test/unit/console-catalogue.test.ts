import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { CatalogueFolders } from "../../src/console/catalogue.ts";
import { findModel, listFlows, listModels, readText } from "../../src/console/catalogue.ts";
import { flowText } from "../support/run-history.ts";

let root: string;
let folders: CatalogueFolders;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "catalogue-"));
  for (const folder of ["project", "package"]) mkdirSync(join(root, folder));
  const all = ["project", "missing", "package"].map((folder) => join(root, folder));
  folders = { flows: all, models: all };
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const put = (path: string, text: string): void => writeFileSync(join(root, path), text);
const flow = (name: string): string => flowText("ask").replace("name: ask", `name: ${name}`);
const noProblem = (file: string): never => {
  throw new Error(`${file} was to be good`);
};

test("lists flows by folder and file, with where they come from", () => {
  put("package/ask.yaml", flow("ask"));
  put("project/z.yaml", flow("first"));
  put("project/b.yml", flow("before"));
  put("project/notes.txt", "not a flow");

  const flows = listFlows(folders, noProblem);

  expect(flows.map((one) => [one.flow.name, one.source])).toEqual([
    ["before", join(root, "project/b.yml")],
    ["first", join(root, "project/z.yaml")],
    ["ask", "built-in"],
  ]);
  expect(flows[2]?.text).toBe(flow("ask"));
});

test("prefers a flow of an earlier folder to one of the same name", () => {
  put("package/ask.yaml", flow("ask"));
  put("project/mine.yaml", flow("ask"));

  expect(listFlows(folders, noProblem).map(({ source }) => source)).toEqual([
    join(root, "project/mine.yaml"),
  ]);
});

test("reports an invalid flow with its lines, and lists the others", () => {
  put("project/bad.yaml", "name: bad\nsteps: {}\nnonsense: 1\n");
  put("package/ask.yaml", flow("ask"));
  const problems: string[] = [];

  const flows = listFlows(folders, (file, found) => {
    problems.push(`${file} ${found.length > 0 && found.every(({ line }) => line > 0)}`);
  });

  expect(flows.map((one) => one.flow.name)).toEqual(["ask"]);
  expect(problems).toEqual([`${join(root, "project/bad.yaml")} true`]);
});

test("lists each model once, whatever its file's ending", () => {
  put("project/sir.xmile", "mine");
  put("package/sir.stmx", "theirs");
  put("package/growth.xml", "x");
  put("package/readme.md", "x");

  expect(listModels(folders)).toEqual(["growth", "sir"]);
  expect(findModel(folders, "sir")).toEqual({
    ok: true,
    value: { name: "sir", folder: folders.models[0], text: "mine" },
  });
  expect(findModel(folders, "growth")).toMatchObject({ ok: true, value: { text: "x" } });
});

test("finds a model by its file", () => {
  put("own model.xmile", "text");

  expect(findModel(folders, join(root, "own model.xmile"))).toEqual({
    ok: true,
    value: { name: "own model", folder: root, text: "text" },
  });
});

test("says which models there are when there is none of a name", () => {
  put("package/sir.xmile", "x");

  expect(findModel(folders, "six")).toEqual({
    ok: false,
    error: 'there is no model "six"; the models are sir',
  });
  expect(findModel(folders, "../package/sir")).toMatchObject({ ok: false });
});

test("reads no file that is too large, missing or a folder", () => {
  put("large.xmile", "x".repeat(1_000_001));
  put("exact.xmile", "x".repeat(1_000_000));

  expect(readText(join(root, "exact.xmile")).ok).toBe(true);
  expect(readText(join(root, "large.xmile"))).toEqual({
    ok: false,
    error: `${join(root, "large.xmile")} is larger than 1 MB`,
  });
  expect(readText(join(root, "none"))).toMatchObject({
    error: expect.stringContaining("cannot read"),
  });
  expect(readText(root)).toMatchObject({ error: expect.stringContaining("cannot read") });
});

test("finds a command model by its name, or by the file that the name leads to", () => {
  put("project/mine.yaml", "command-model: 1");
  put("package/mine.xmile", "<xmile/>");
  put("other.yaml", "command-model: 1");
  const commandFile = join(root, "project/mine.yaml");

  expect(listModels(folders)).toEqual(["mine"]);
  expect(findModel(folders, "mine")).toMatchObject({ ok: true, value: { commandFile } });
  expect(findModel(folders, commandFile)).toMatchObject({ ok: true, value: { name: "mine" } });
  expect(findModel(folders, join(root, "other.yaml"))).toMatchObject({
    ok: false,
    error: expect.stringContaining("put it into ./models/"),
  });
});

test("prefers an XMILE file to a command model of the same name in the same folder", () => {
  put("project/mine.yaml", "command-model: 1");
  put("project/mine.xmile", "<xmile/>");

  const found = findModel(folders, "mine");
  expect(found.ok && found.value.text).toBe("<xmile/>");
});
