/** A flow that waits for a person before its chart is drawn. */
export const GATED = `name: gated
steps:
  simulation: { agent: simulation, input: { model: sir } }
  viz:
    agent: viz
    needs: simulation
    approval: Draw it?
    input: { simulation: "\${{ steps.simulation.output }}" }
`;
