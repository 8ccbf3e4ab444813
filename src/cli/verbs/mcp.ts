import { defineVerb } from "../verb.ts";

/** Lists the operator's own tool servers. */
export const mcpVerb = defineVerb({
  name: "mcp",
  group: "flows and models",
  summary: "the tool servers of your own that are defined in mcp.json",
  operands: "",
  count: [0, 0],
  details: [
    'They are defined in mcp.json in the configuration folder, as other hosts of MCP servers do it:\n{"mcpServers": {"NAME": {"command": …, "args": […], "env": {…}}}}, or {"url": …, "headers": {…}}.\nNothing is started. A server is used once it is trusted: aimie-console trust --mcp NAME.',
  ],
  flags: {},
  examples: [
    { line: "aimie-console mcp", says: "each server, whether it is trusted, its command" },
  ],
  async perform({ flags, config, output }) {
    (await import("../list-mcp.ts")).listServers(flags.output, config, output);
    return 0;
  },
});

/** Lists the tools of one of them. */
export const mcpToolsVerb = defineVerb({
  name: "mcp tools",
  group: "flows and models",
  summary: "start a trusted tool server of your own, and list its tools",
  operands: "NAME",
  count: [1, 1],
  details: [
    "Each tool is listed as a step names it: server__tool. A language model is offered only those\nthat their server says to read only. Exit code 1 when the server does not work.",
  ],
  flags: {},
  examples: [{ line: "aimie-console mcp tools files", says: "what the server files can do" }],
  async perform({ operands: [name = ""], flags, config, output }) {
    await (await import("../list-mcp.ts")).listTools(name, flags.output, config, output);
    return 0;
  },
});
