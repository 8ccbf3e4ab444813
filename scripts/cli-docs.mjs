/** Writes docs/CLI.md, the commands, from the table of verbs. */
import { writeFileSync } from "node:fs";
import { manual } from "../src/cli/manual.ts";
import { VERBS } from "../src/cli/verbs/table.ts";

writeFileSync(new URL("../docs/CLI.md", import.meta.url), manual(VERBS));
