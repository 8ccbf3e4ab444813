/** The ensemble of a simulation: runs it, stores its tables, and says how far it is. */
import type { Result } from "../../../base/result.ts";
import { err, ok } from "../../../base/result.ts";
import { describePace } from "../../../engines/ensemble/pace.ts";
import { openRowsWriter } from "../../../engines/ensemble/parquet-rows.ts";
import type { EnsembleResult } from "../../../engines/ensemble/run-ensemble.ts";
import { runEnsemble } from "../../../engines/ensemble/run-ensemble.ts";
import { writeSensitivity } from "../../../engines/ensemble/sensitivity-table.ts";
import type { Model } from "../../../engines/xmile/model.ts";
import { writeParquet } from "../../../engines/xmile/parquet.ts";
import type { SimulationInput } from "../../../protocol/agent-data.ts";
import type { Artifact } from "../../../protocol/artifact.ts";
import type { EnsembleOrder, EnsembleOutput } from "../../../protocol/ensemble-data.ts";
import type { Failure } from "../../../protocol/failure.ts";
import type { ArtifactDraft } from "../../../session/artifact-draft.ts";
import { draftArtifact } from "../../../session/artifact-draft.ts";
import { folderArtifactStore } from "../../../session/artifact-store.ts";
import { failureOf, fileName } from "./result-names.ts";
import type { SimulationToolContext } from "./tool-context.ts";

/** A simulation that may be ordered many times over. */
export interface EnsembleRequest {
  readonly input: SimulationInput;
  readonly model: Model;
  /** What the model was read from. */
  readonly text: string;
}

const PARQUET = "application/vnd.apache.parquet";

/** The shares of the work that are done before the ensemble and with it. */
const BEGINS_AT = 0.02;
const ENDS_AT = 0.95;

/** Correlations a message carries; the stored table has all of them. */
const MOST_CORRELATIONS = 200;

/** Runs the ensemble if one is ordered; undefined when none is. Its files appear once it is whole. */
export async function runEnsembleTool(
  request: EnsembleRequest,
  context: SimulationToolContext,
): Promise<Result<EnsembleOutput | undefined, Failure>> {
  const order = request.input.ensemble;
  if (order === undefined) return ok(undefined);
  const draft = await draftArtifact(context.config.artifactFolder);
  try {
    return await runInto(draft, request, order, context);
  } finally {
    await draft.discard();
  }
}

async function runInto(
  draft: ArtifactDraft,
  { input, model, text }: EnsembleRequest,
  order: EnsembleOrder,
  context: SimulationToolContext,
): Promise<Result<EnsembleOutput, Failure>> {
  const writer = await openRowsWriter((bytes) => draft.write(bytes));
  const startedAt = performance.now();
  const { parameters, ...schedule } = input;
  const result = await runEnsemble(
    { model, modelText: text, order, parameters, schedule },
    {
      signal: context.signal,
      onRows: (rows) => writer.add(rows),
      onProgress: (done, runs) => {
        const share = BEGINS_AT + (ENDS_AT - BEGINS_AT) * (done / runs);
        context.onProgress?.(share, describePace(done, runs, performance.now() - startedAt));
      },
    },
  );
  if (!result.ok) return err(failureOf(result.error));
  context.onProgress?.(ENDS_AT, "Storing the ensemble");
  const { rows, columns } = await writer.finish();
  const name = fileName(input.model);
  const stored = await draft.finish({
    name: `${name}-runs.parquet`,
    mediaType: PARQUET,
    rows,
    columns: [...columns],
  });
  return ok({
    ...summaryOf(order, result.value),
    rows: stored,
    ...(await storeTables(name, model.timeUnit, result.value, context)),
  });
}

function summaryOf(
  order: EnsembleOrder,
  result: EnsembleResult,
): Omit<EnsembleOutput, "rows" | "bands" | "sensitivity"> {
  const { runs, runsDone, stopReason, parameters, spreads, correlations } = result;
  return {
    ...{ runs, runsDone, seed: order.seed, sampling: order.sampling },
    ...(stopReason === undefined ? {} : { stopReason }),
    parameters: [...parameters],
    spreads: [...spreads],
    correlations: correlations.slice(0, MOST_CORRELATIONS),
  };
}

async function storeTables(
  name: string,
  timeUnit: string,
  { bands, correlations }: EnsembleResult,
  { config, signal }: SimulationToolContext,
): Promise<{ readonly bands: Artifact; readonly sensitivity: Artifact }> {
  const store = folderArtifactStore(config.artifactFolder);
  const course = await writeParquet(bands, timeUnit, signal);
  const table = await writeSensitivity(correlations);
  const put = (what: string, { bytes, rows, columns }: typeof course) =>
    store.put(bytes, { name: `${name}-${what}.parquet`, mediaType: PARQUET, rows, columns });
  return { bands: await put("bands", course), sensitivity: await put("sensitivity", table) };
}
