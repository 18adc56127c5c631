import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import {
  assembleEverywhere,
  describePtx,
  findCompilerFault,
  lowerPtx,
  readCommitted,
  sha256,
} from "./build.ts";
import { layoutAssertions, readDeclarations } from "./parameter_layout.ts";

const compilerFault = await findCompilerFault();

function testWithCompiler(name: string, fn: () => Promise<void>): void {
  Deno.test({
    name: compilerFault === null ? name : `${name} [skipped: no nvcc: ${compilerFault}]`,
    ignore: compilerFault !== null,
    fn,
  });
}

Deno.test("the committed PTX was made from the committed sources", async () => {
  const { ptx, manifest } = await readCommitted();
  assertEquals(await describePtx(ptx), manifest, "run `deno task build`");
  assertEquals(await sha256(ptx), manifest.ptxSha256);
});

Deno.test("the committed PTX asks for no more than the oldest Jetson has", async () => {
  const { ptx } = await readCommitted();
  assertEquals(/^\.version (.*)$/m.exec(ptx)?.[1], "6.3");
  assertEquals(/^\.target (.*)$/m.exec(ptx)?.[1], "sm_53");
  // Spilled registers and stacks would be memory that nobody asked for; fused rounding differs
  // between compilers.
  assertEquals(ptx.includes(".local"), false);
  assertEquals(/\bmad\.f32|\bfma\.rn\.f64/.test(ptx), false);
});

Deno.test("lowerPtx() changes the head and drops hints only", () => {
  const ptx = [
    ".version 9.0",
    ".target sm_75",
    ".address_size 64",
    '\t.pragma "used_bytes_mask 15";',
    "\tld.param.v2.u32 \t{%r1, %r2}, [%rd11+32];",
    '\t.pragma "nounroll";',
    "",
  ];
  assertEquals(lowerPtx(ptx.join("\n")).split("\n"), [
    ".version 6.3",
    ".target sm_53",
    ".address_size 64",
    "\tld.param.v2.u32 \t{%r1, %r2}, [%rd11+32];",
    '\t.pragma "nounroll";',
    "",
  ]);
});

testWithCompiler(
  "assembleEverywhere() refuses what the declared target does not have",
  async () => {
    const { ptx } = await readCommitted();
    const newer = ptx.replace(/^\tret;/m, "\tcp.async.wait_all;\n\tret;");
    const error = await assertRejects(() => assembleEverywhere(newer), Error);
    assertStringIncludes(error.message, "requires PTX ISA .version 7.0 or later");
  },
);

Deno.test("describePtx() refuses PTX whose parameters are others", async () => {
  const { ptx } = await readCommitted();
  const shorter = ptx.replace(/(fovea_nms_param_0\[)\d+/, "$18");
  await assertRejects(() => describePtx(shorter), Error, "Cannot describe fovea_nms: 8 of");
  const extra = `${ptx}\n.visible .entry other(\n)\n{\n}\n`;
  await assertRejects(() => describePtx(extra), Error, "Cannot describe the PTX");
});

Deno.test("readDeclarations() lays structs out as C does", () => {
  const source = `
struct ThingParameters {
  // A comment; with a semicolon.
  int first;
  const u8 *where, *other;
  float factor;
  u32 bits, more;
};
FOVEA_BLOCK_KERNEL(thing, ThingParameters, 64) {}
`;
  const [thing] = readDeclarations([source]);
  assertEquals(thing, {
    name: "thing",
    struct: "ThingParameters",
    parameterBytes: 40,
    fields: {
      first: { offset: 0, kind: "int" },
      where: { offset: 8, kind: "pointer" },
      other: { offset: 16, kind: "pointer" },
      factor: { offset: 24, kind: "float" },
      bits: { offset: 28, kind: "uint" },
      more: { offset: 32, kind: "uint" },
    },
  });
  assertStringIncludes(layoutAssertions([thing!]), "offsetof(ThingParameters, bits) == 28");
});

Deno.test("readDeclarations() refuses what it would lay out wrongly", () => {
  const make = (field: string) =>
    `struct AParameters {\n  ${field}\n};\nFOVEA_KERNEL(a, AParameters, 1)`;
  for (const field of ["int many[3];", "double big;", "short s;", "struct Other o;"]) {
    assertThrows(() => readDeclarations([make(field)]), SyntaxError, "Cannot read");
  }
  assertThrows(() => readDeclarations(["FOVEA_KERNEL(a, BParameters, 1)"]), SyntaxError, "BParam");
});
