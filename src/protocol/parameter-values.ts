import { z } from "zod";

/** Values of a flow's parameters. */
export const parameterValuesSchema = z.record(
  z.string().max(100),
  z.union([
    z.string().max(4000),
    z.number(),
    z.boolean(),
    z.array(z.union([z.string().max(4000), z.number()])).max(1000),
    z.record(z.string(), z.number()),
  ]),
);
export type ParameterValues = z.infer<typeof parameterValuesSchema>;
