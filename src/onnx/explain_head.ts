import type { Finding } from "../core/detector_spec.ts";
import type { HeadLayer, HeadLayout } from "../core/head_layout.ts";
import { whoNamesClasses } from "./head_names.ts";
import type { LastLayer } from "./last_layers.ts";

/**
 * Tells which layers make up a head, and why they were taken for it.
 *
 * @param classLayers The layers that make the classes.
 * @param asked Whether someone named them.
 */
export function explainHead(
  { layers, levels, activation, classCount }: HeadLayout,
  classLayers: readonly LastLayer[],
  asked: boolean,
): readonly Finding[] {
  const whose = whoNamesClasses(classLayers[0]!.weight);
  const operations = [...new Set(classLayers.map(({ opType }) => opType))].join(" and ");
  const one = classCount === 1;
  const classes = one ? "the class channel" : `the ${classCount} class channels`;
  const reaches = one ? "reaches" : "reach";
  const reach = activation === "none"
    ? `${reaches} an output as ${one ? "it is" : "they are"}`
    : `${reaches} a ${activation}`;
  const named = whose === null ? "" : `, and their names are those of ${whose}`;
  const [level] = levels as [typeof levels[number]];
  const source = asked ? "flag" : "graph";
  return [
    {
      about: "head.class",
      value: listNames(layers.filter(({ classRows }) => classRows.length > 0)),
      source,
      why: asked ? "they are asked for" : `${classes} of ${operations} ${reach}${named}`,
    },
    {
      about: "head.objectness",
      value: listNames(layers.filter(({ objectnessRows }) => objectnessRows.length > 0)) || "none",
      source,
      why: level.objectnessLayer === null
        ? "no layer makes one more score for each cell"
        : level.objectnessLayer === level.classLayer
        ? "the class layers make it as well"
        : "one more channel for each cell reaches a sigmoid",
    },
  ];
}

/** Names with what they share written once: `head.cls.{0,1,2}`. */
function listNames(layers: readonly HeadLayer[]): string {
  const names = layers.map(({ name }) => name);
  const [first = ""] = names;
  let start = 0;
  while (start < first.length && names.every((name) => name[start] === first[start])) start++;
  let end = 0;
  while (
    end < first.length - start &&
    names.every((name) => name.length - end > start && name.at(-1 - end) === first.at(-1 - end))
  ) end++;
  const middles = names.map((name) => name.slice(start, name.length - end));
  if (names.length < 2 || !middles.every((middle) => /^\d+$/.test(middle))) return names.join(", ");
  return `${first.slice(0, start)}{${middles.join(",")}}${first.slice(first.length - end)}`;
}
