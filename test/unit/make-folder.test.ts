import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeFolder } from "../../src/base/make-folder.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "folder-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test("a folder is made with those above it, for its owner alone, and may be there already", () => {
  makeFolder(join(root, "a/b/c"));
  makeFolder(join(root, "a/b/c"));

  for (const path of ["a", "a/b", "a/b/c"]) {
    expect(statSync(join(root, path)).mode & 0o777).toBe(0o700);
  }
});

test("a file in the way is an error", () => {
  writeFileSync(join(root, "file"), "");

  expect(() => makeFolder(join(root, "file/b"))).toThrow(/ENOTDIR/);
});

test.runIf(process.platform === "linux")(
  "a place that takes no folders is an error at once",
  () => {
    expect(() => makeFolder("/proc/nowhere/at/all")).toThrow(/ENOENT/);
  },
);
