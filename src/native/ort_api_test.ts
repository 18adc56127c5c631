import { assertEquals, assertGreater, assertLessOrEqual } from "@std/assert";
import header from "../../tests/golden/ort_api_header.json" with { type: "json" };
import { ORT_ELEMENT_TYPE } from "./ort_element_type.ts";
import { ORT_API, ORT_API_VERSION, type OrtFunction } from "./ort_api.ts";
import { ORT_GRAPH_OPTIMIZATION } from "./ort_session_options.ts";
import { ORT_ERROR } from "./ort_status.ts";

type HeaderFunction = { readonly slot: number; readonly since: string | null; declaration: string };

const OURS = Object.entries<OrtFunction>(ORT_API);
const THEIRS = new Map<string, HeaderFunction>(Object.entries(header.functions));

/** The comments above each function in the source, joined to one line each. */
function readComments(): Map<string, string> {
  const source = Deno.readTextFileSync(new URL("./ort_api.ts", import.meta.url));
  const comments = new Map<string, string>();
  for (const [, lines, name] of source.matchAll(/((?: {2}\/\/ [^\n]+\n)+) {2}(\w+): \{/g)) {
    comments.set(name!, lines!.replace(/^ *\/\/ +/gm, "").trim().replace(/\n/g, " "));
  }
  return comments;
}

/** The signature that a C declaration stands for, as far as the declaration decides it. */
function signatureOf(declaration: string): { parameters: string[]; result: string } {
  const [, result, list] = /^(.+) \w+\((.*)\)$/.exec(declaration)!;
  const types = list!.split(", ").map((parameter) => parameter.replace(/ ?\w+$/, ""));
  return { parameters: types.map(kindOf), result: kindOf(result!) };
}

/** `address` stands for both of Deno's ways to pass one. */
function kindOf(type: string): string {
  if (type.endsWith("*")) return "address";
  if (type === "size_t") return "usize";
  return type === "void" ? "void" : "i32";
}

Deno.test("every function that is called is in ONNX Runtime's header, at its slot", () => {
  assertGreater(OURS.length, 50);
  assertEquals(OURS.map(([name]) => name).sort(), [...THEIRS.keys()].sort());
  for (const [name, { slot }] of OURS) assertEquals(slot, THEIRS.get(name)!.slot, name);
});

Deno.test("signatures are those of the header's declarations", () => {
  for (const [name, { parameters, result }] of OURS) {
    const wanted = signatureOf(THEIRS.get(name)!.declaration);
    const address = (type: unknown) => type === "pointer" || type === "buffer" ? "address" : type;
    assertEquals(parameters.map(address), wanted.parameters, name);
    assertEquals(address(result), wanted.result, name);
  }
});

Deno.test("the comment above each function is its declaration", () => {
  const comments = readComments();
  for (const [name, { declaration }] of THEIRS) {
    assertEquals(comments.get(name)?.replace(/\benum /g, ""), declaration.replace(/\benum /g, ""));
  }
});

Deno.test("the API version that is asked for is the lowest that has everything", () => {
  const since = ({ since }: HeaderFunction) => since === null ? 0 : Number(since.split(".")[1]);
  const required = OURS.filter(([, { since }]) => since === undefined);
  const versions = required.map(([name]) => since(THEIRS.get(name)!));
  assertEquals(Math.max(...versions), ORT_API_VERSION);
  assertLessOrEqual(ORT_API_VERSION, header.apiVersion);
  for (const [name, definition] of OURS) {
    if (definition.since !== undefined) assertEquals(definition.since, since(THEIRS.get(name)!));
  }
});

Deno.test("enumerations have the sizes and values of the header", () => {
  const { sizes, values } = header;
  assertEquals([sizes.size_t, sizes["void*"]], [8, 8]);
  for (const [name, bytes] of Object.entries(sizes)) {
    if (!["size_t", "void*"].includes(name)) assertEquals(bytes, 4, name);
  }
  assertEquals(
    ORT_GRAPH_OPTIMIZATION,
    {
      disabled: values.ORT_DISABLE_ALL,
      basic: values.ORT_ENABLE_BASIC,
      extended: values.ORT_ENABLE_EXTENDED,
      layout: values.ORT_ENABLE_LAYOUT,
      all: values.ORT_ENABLE_ALL,
    },
  );
  assertEquals(ORT_ELEMENT_TYPE, {
    float32: values.ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT,
    float16: values.ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16,
    float64: values.ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE,
    uint8: values.ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8,
    int8: values.ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8,
    int32: values.ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32,
    int64: values.ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64,
    bool: values.ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL,
  });
  assertEquals(
    ORT_ERROR,
    {
      noModel: values.ORT_NO_MODEL,
      invalidProtobuf: values.ORT_INVALID_PROTOBUF,
      invalidGraph: values.ORT_INVALID_GRAPH,
    },
  );
});
