/** Who may import whom: each layer may import itself and the layers listed for it. */
const MAY = {
  base: [],
  worker: [],
  protocol: ["base"],
  orchestrator: ["base", "protocol"],
  session: ["base", "protocol", "orchestrator"],
  bus: ["base", "protocol"],
  engines: ["base", "protocol"],
  agents: ["base", "protocol", "bus", "engines", "orchestrator", "session"],
  console: ["base", "protocol", "bus", "orchestrator", "session", "agents/supervisor"],
  ui: ["base", "protocol", "engines", "orchestrator", "session", "console"],
  cli: ["base", "protocol", "bus", "engines", "orchestrator", "session", "agents/supervisor", "console", "ui"],
};
const PACKAGES = {
  base: [], worker: [], protocol: ["zod"], orchestrator: ["zod", "yaml"], session: ["zod", "ulid", "hono", "@hono/[^/]+", "rate-limiter-flexible"], bus: ["ioredis", "zod"], engines: ["zod", "yaml", "@rgrove/parse-xml", "@duckdb/[^/]+", "hyparquet-writer", "pure-rand", "vega[^/]*", "@resvg/[^/]+", "dejavu-fonts-ttf"],
  agents: ["@modelcontextprotocol/[^/]+", "ai", "@ai-sdk/[^/]+", "zod"], console: ["zustand", "zod", "ulid"], ui: ["ink", "react", "zustand", "string-width", "@leeoniya/ufuzzy", "re2js"], cli: ["meow", "ulid", "ink", "react", "zod", "yaml", "rotating-file-stream"],
};
const layerRules = Object.entries(MAY).map(([layer, allowed]) => ({
  name: `layer-${layer}`, severity: "error", comment: `src/${layer} may import: ${allowed.join(", ") || "nothing of ours"}.`,
  from: { path: `^src/${layer}/` }, to: { path: "^src/", pathNot: [layer, ...allowed].map((p) => `^src/${p}(/|\\.)`) },
}));
const packageRules = Object.entries(PACKAGES).map(([layer, allowed]) => ({
  name: `packages-${layer}`, severity: "error", comment: `src/${layer} may use the packages: ${allowed.join(", ") || "none"}.`,
  from: { path: `^src/${layer}/` }, to: { dependencyTypes: ["npm", "npm-dev", "npm-peer", "npm-no-pkg", "npm-unknown"], ...(allowed.length ? { pathNot: allowed.map((p) => `node_modules/${p}/`).concat("node_modules/@types/") } : {}) },
}));
const PURE = "^src/(protocol|orchestrator|session/core|ui/model)/";
/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    { name: "no-circular", severity: "error", from: {}, to: { circular: true } },
    { name: "pure-has-no-io", severity: "error", comment: "Pure code decides; a shell acts.", from: { path: PURE }, to: { dependencyTypes: ["core"] } },
    { name: "pure-has-no-framework", severity: "error", comment: "Pure code may use zod and pure libraries, and nothing that renders, stores, spawns or connects.", from: { path: PURE }, to: { path: "node_modules/", pathNot: ["node_modules/(zod|yaml|string-width|re2js)/", "node_modules/@types/"] } },
    { name: "session-core-has-no-shell", severity: "error", from: { path: "^src/session/core/" }, to: { path: "^src/session/", pathNot: "^src/session/core/" } },
    { name: "ui-model-has-no-view", severity: "error", from: { path: "^src/ui/model/" }, to: { path: "^src/ui/", pathNot: "^src/ui/model/" } },
    { name: "agents-are-strangers", severity: "error", comment: "Agents meet on the bus, never by import.", from: { path: "^src/agents/(orchestrator|simulation|qna|viz|custom|mcp)/" }, to: { path: "^src/agents/", pathNot: ["^src/agents/$1/", "^src/agents/runtime/"] } },
    { name: "no-test-in-src", severity: "error", from: { path: "^src/" }, to: { path: "^test/" } },
    { name: "no-dev-dependency-in-src", severity: "error", from: { path: "^src/" }, to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only"], pathNot: "node_modules/@types/" } },
    ...layerRules, ...packageRules,
  ],
  options: { tsPreCompilationDeps: true, tsConfig: { fileName: "tsconfig.json" }, doNotFollow: { path: "node_modules" }, enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "types", "default"], extensions: [".ts", ".tsx", ".mjs", ".js"] } },
};
