import { GraphBuilder } from "../models/tiny/graph_builder.ts";

/** A model that adds its float32 input to itself: next to no work, so that the engine's own shows. */
export function makeAddModel(dims: readonly number[]): Uint8Array {
  const graph = new GraphBuilder("add");
  const x = graph.input("x", dims);
  graph.run("Add", [x, x], {}, "y");
  graph.output("y", dims);
  return graph.finish();
}
