import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");

const pages = [
  ...(existsSync(join(root, "README.md")) ? ["README.md"] : []),
  ...readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".md"))
    .map((file) => join("docs", file)),
].map((page) => [page, readFileSync(join(root, page), "utf8")] as const);

/** A page's text without its code blocks, whose brackets are no links. */
const proseOf = (text: string): string => text.replaceAll(/^```.*?^```$/gms, "");

/** The anchors of a page's headings, as GitHub makes them. */
const anchorsOf = (text: string): readonly string[] =>
  [...proseOf(text).matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );

test.each(pages)("the links of %s lead somewhere", (page, text) => {
  const targets = [...proseOf(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
  const broken = targets.filter((target) => {
    if (/^[a-z]+:/.test(target)) return false;
    const [file = "", anchor] = target.split("#");
    const path = file === "" ? join(root, page) : join(root, dirname(page), file);
    if (!existsSync(path)) return true;
    return anchor !== undefined && !anchorsOf(readFileSync(path, "utf8")).includes(anchor);
  });
  expect(broken).toEqual([]);
});

test.each(pages)("the source files that %s names exist", (_, text) => {
  const named = [...proseOf(text).matchAll(/`(src\/[^`\s]*)`/g)].map(([, path = ""]) => path);
  // `src/agents/foo/` stands for an agent that is yet to be written.
  const real = named.filter((path) => !path.startsWith("src/agents/foo/"));
  expect(real.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test("every package has its line in the decision on dependencies", () => {
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Record<
    "dependencies" | "devDependencies",
    Readonly<Record<string, string>>
  >;
  const page = readFileSync(join(root, "docs/decisions/0005-dependencies.md"), "utf8");
  const packages = { ...manifest.dependencies, ...manifest.devDependencies };
  const missing = Object.entries(packages).filter(
    ([name, version]) => !page.includes(`| \`${name}\` | ${version} |`),
  );
  expect(missing).toEqual([]);
});

test("the example environment names every variable, and no other", () => {
  const variables = (text: string): readonly string[] =>
    [...new Set(text.match(/AIMIE_[A-Z_]+/g) ?? [])].sort();
  const example = readFileSync(join(root, ".env.example"), "utf8");
  const readers = ["config", "language-model-settings", "screen-settings"].map(
    (name) => `src/cli/${name}.ts`,
  );
  const read = readers.map((path) => readFileSync(join(root, path), "utf8")).join();
  expect(variables(example)).toEqual(variables(read));
});
