/** What kind of value a parameter is. */
export type ParameterKind = "pointer" | "int" | "uint" | "float";

/** One field of a kernel's parameters. */
export interface ParameterField {
  /** Where it starts, in bytes. */
  readonly offset: number;
  /** What it holds. */
  readonly kind: ParameterKind;
}

/** One kernel as its source declares it. */
export interface KernelDeclaration {
  /** Name of its entry. */
  readonly name: string;
  /** Name of its parameter struct in C. */
  readonly struct: string;
  /** Bytes of its parameters. */
  readonly parameterBytes: number;
  /** Fields by name. */
  readonly fields: Readonly<Record<string, ParameterField>>;
}

const KIND_OF: Readonly<Record<string, ParameterKind>> = {
  int: "int",
  u32: "uint",
  float: "float",
};
const POINTER_BYTES = 8;
const WORD_BYTES = 4;

/**
 * Reads the kernels that CUDA sources declare, with the layout of their parameters. The sources
 * keep to plain structs of pointers, `int`, `u32` and `float`; anything else is an error.
 *
 * @param sources Texts of the `.cu` files.
 * @throws {SyntaxError} If a struct is missing or holds something else.
 */
export function readDeclarations(sources: readonly string[]): KernelDeclaration[] {
  const text = sources.map(withoutComments).join("\n");
  const structs = new Map(
    [...text.matchAll(/^struct (\w+Parameters) \{([^}]*)\};/gm)].map(([, name, body]) => {
      return [name!, layOut(name!, body!)] as const;
    }),
  );
  const kernels = text.matchAll(/^FOVEA_(?:BLOCK_)?KERNEL\((\w+), (\w+), \w+\)/gm);
  return [...kernels].map(([, name, struct]) => {
    const layout = structs.get(struct!);
    if (layout === undefined) throw new SyntaxError(`Cannot find struct ${struct} of ${name}`);
    return { name: name!, struct: struct!, ...layout };
  });
}

/** Assertions in C++ that the compiler lays the structs out as {@linkcode readDeclarations} says. */
export function layoutAssertions(kernels: readonly KernelDeclaration[]): string {
  const lines = kernels.flatMap(({ struct, parameterBytes, fields }) => [
    `static_assert(sizeof(${struct}) == ${parameterBytes}, "${struct}");`,
    ...Object.entries(fields).map(([field, { offset }]) => {
      return `static_assert(offsetof(${struct}, ${field}) == ${offset}, "${struct}.${field}");`;
    }),
  ]);
  return `${lines.join("\n")}\n`;
}

/** Lays fields out as C does: each at a multiple of its size. */
function layOut(
  struct: string,
  body: string,
): Pick<KernelDeclaration, "parameterBytes" | "fields"> {
  const fields: Record<string, ParameterField> = {};
  let end = 0;
  let alignment = 1;
  for (const declaration of body.split(";").map((part) => part.trim())) {
    if (declaration === "") continue;
    const [, type, declarators] = /^(?:const )?(\w+) (.+)$/s.exec(declaration) ?? [];
    if (type === undefined || declarators === undefined) {
      throw new SyntaxError(`Cannot read "${declaration}" in ${struct}`);
    }
    for (const declarator of declarators.split(",")) {
      const { name, kind } = readDeclarator(type, declarator.trim(), struct);
      const bytes = kind === "pointer" ? POINTER_BYTES : WORD_BYTES;
      const offset = Math.ceil(end / bytes) * bytes;
      fields[name] = { offset, kind };
      end = offset + bytes;
      alignment = Math.max(alignment, bytes);
    }
  }
  return { parameterBytes: Math.ceil(end / alignment) * alignment, fields };
}

function readDeclarator(
  type: string,
  declarator: string,
  struct: string,
): { name: string; kind: ParameterKind } {
  const [, star, name] = /^(\*?)(\w+)$/.exec(declarator) ?? [];
  const kind = star === "*" ? "pointer" : KIND_OF[type];
  if (name === undefined || kind === undefined) {
    throw new SyntaxError(`Cannot read "${type} ${declarator}" in ${struct}`);
  }
  return { name, kind };
}

function withoutComments(text: string): string {
  return text.replace(/\/\/.*$/gm, "");
}
