/** Every verb of the command line. */
import type { Verb } from "../verb.ts";
import { agentVerb } from "./agent.ts";
import { agentInitVerb } from "./agent-init.ts";
import { agentsVerb } from "./agents.ts";
import { approveVerb } from "./approve.ts";
import { artifactsVerb } from "./artifacts.ts";
import { askVerb } from "./ask.ts";
import { brokerVerb } from "./broker.ts";
import {
  sessionsDeleteVerb,
  sessionsExportVerb,
  sessionsImportVerb,
  sessionsPruneVerb,
  sessionsRenameVerb,
} from "./change-sessions.ts";
import { completionVerb } from "./completion.ts";
import { configVerb } from "./config.ts";
import { consoleVerb } from "./console.ts";
import { deadLettersVerb } from "./dead-letters.ts";
import { diffVerb } from "./diff.ts";
import { doctorVerb } from "./doctor.ts";
import { downVerb } from "./down.ts";
import { eventsVerb, logsVerb } from "./events.ts";
import { flowsValidateVerb, flowsVerb } from "./flows.ts";
import { cancelVerb, pauseVerb } from "./hold-run.ts";
import { mcpToolsVerb, mcpVerb } from "./mcp.ts";
import { modelCheckVerb, modelRunVerb, modelsVerb } from "./models.ts";
import { reportVerb } from "./report.ts";
import { planVerb, refreshVerb, rerunVerb, retryVerb } from "./rerun.ts";
import { resumeVerb } from "./resume.ts";
import { runVerb } from "./run.ts";
import { serveVerb } from "./serve.ts";
import { sessionsVerb } from "./sessions.ts";
import { showVerb } from "./show.ts";
import { topicsVerb } from "./topics.ts";
import { trustVerb } from "./trust.ts";
import { upVerb } from "./up.ts";
import { waitVerb } from "./wait.ts";
import { whyVerb } from "./why.ts";

/** The verbs in the order of the help; the first is meant when none is given. */
export const VERBS: readonly Verb[] = [
  consoleVerb,
  runVerb,
  showVerb,
  whyVerb,
  planVerb,
  rerunVerb,
  retryVerb,
  refreshVerb,
  cancelVerb,
  pauseVerb,
  resumeVerb,
  approveVerb,
  waitVerb,
  askVerb,
  diffVerb,
  eventsVerb,
  logsVerb,
  artifactsVerb,
  reportVerb,
  sessionsVerb,
  sessionsRenameVerb,
  sessionsDeleteVerb,
  sessionsExportVerb,
  sessionsImportVerb,
  sessionsPruneVerb,
  serveVerb,
  flowsVerb,
  flowsValidateVerb,
  modelsVerb,
  modelCheckVerb,
  modelRunVerb,
  trustVerb,
  agentInitVerb,
  mcpVerb,
  mcpToolsVerb,
  doctorVerb,
  agentsVerb,
  topicsVerb,
  upVerb,
  downVerb,
  agentVerb,
  configVerb,
  completionVerb(() => VERBS),
  brokerVerb,
  deadLettersVerb,
];
