/** As much of a configuration as bears on programs of the operator's own. */
import { delimiter, dirname, join } from "node:path";
import type { TaskAgentName } from "../../src/protocol/ids.ts";

/** One whose folders lie in `folder`; the programs of this Node's folder and of /bin are found. */
export function configIn(folder: string) {
  const of = <Value>(value: Value) => ({ value, source: "default" });
  return {
    agents: of("auto" as const),
    configFolder: of(join(folder, "config")),
    stateFolder: of(join(folder, "state")),
    external: of<readonly TaskAgentName[]>([]),
    environment: {
      ...{
        searchPath: SEARCH_PATH,
        host: "here",
        noColour: true,
        colourTerm: "",
        term: "",
        locale: "",
      },
      ...{ editors: [], failAt: undefined, forWorkers: { PATH: SEARCH_PATH } },
      variable: (name: string) => (name === "TOKEN" ? "s3cret-value" : undefined),
    },
  };
}

const SEARCH_PATH = [dirname(process.execPath), "/bin"].join(delimiter);
