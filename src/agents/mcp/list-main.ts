/** The program that asks one server for its tools: its definition on stdin, the answer on stdout. */
import { json as readJson } from "node:stream/consumers";
import { mcpServerSchema } from "../../protocol/mcp-servers.ts";
import { openForeignTools } from "../runtime/foreign-tools.ts";

const server = mcpServerSchema.parse(await readJson(process.stdin));
const foreign = openForeignTools(
  { usable: [server], refused: [] },
  { version: "1", log: () => undefined },
);
const offers = await foreign.session(server.name)?.offers(AbortSignal.timeout(25_000));
const answer =
  offers?.ok === true
    ? {
        tools: offers.value.map(({ name, description, isReadOnly }) => ({
          name,
          description: description.slice(0, 2000),
          isReadOnly,
        })),
      }
    : { problem: offers?.error.message ?? "it is not there" };
process.stdout.write(JSON.stringify(answer), () => process.exit(0));
