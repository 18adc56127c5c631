import type { HeadWeights, LayerValues } from "../../mod.ts";

/** The head in the file with the rows of red and blue exchanged. */
export function exchanged(head: HeadWeights, version: number): HeadWeights {
  const values = head.layers.map((layer, i): LayerValues => {
    const { weight, bias } = head.layer(i);
    const [from] = layer.classRows;
    if (from === undefined) return { weight, bias };
    const { channels } = layer;
    const rows = weight.slice();
    rows.copyWithin(from * channels, (from + 1) * channels, (from + 2) * channels);
    rows.set(weight.subarray(from * channels, (from + 1) * channels), (from + 1) * channels);
    return { weight: rows, bias };
  });
  return head.withValues(values, version);
}
