/** Writes docs/asyncapi.yaml, the topics for tools that read AsyncAPI. */
import { readFileSync, writeFileSync } from "node:fs";
import { stringify } from "yaml";
import { asyncApi } from "../src/protocol/async-api.ts";

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
writeFileSync(new URL("../docs/asyncapi.yaml", import.meta.url), stringify(asyncApi(version)));
