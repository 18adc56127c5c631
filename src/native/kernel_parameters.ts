/** Where one parameter of a kernel stands, and what it is. */
export interface KernelField {
  /** First byte. */
  readonly offset: number;
  /** `pointer`, `int`, `uint` or `float`. */
  readonly kind: string;
}

/** Values of a kernel's parameters by name: addresses as `bigint`, numbers as `number`. */
export type KernelValues<Name extends string> = Readonly<Record<Name, number | bigint>>;

/**
 * The parameters of one launch, a struct in memory that is laid out once and launched many times.
 * The driver copies it at every launch, so that values may be changed right after.
 */
export class KernelParameters<Name extends string> {
  /** What `cuLaunchKernel` takes: the address of each parameter, of which there is one. */
  readonly addresses: BigUint64Array<ArrayBuffer>;
  readonly #fields: Readonly<Record<Name, KernelField>>;
  readonly #view: DataView<ArrayBuffer>;

  /**
   * Lays the parameters out.
   *
   * @param bytes Size of the struct.
   * @param fields Every field of it.
   * @param values The first value of every field.
   * @throws {RangeError} If a value is none of its field's kind.
   */
  constructor(
    bytes: number,
    fields: Readonly<Record<Name, KernelField>>,
    values: KernelValues<Name>,
  ) {
    this.#fields = fields;
    // An ArrayBuffer of its own: small typed arrays may lie on the heap, where things move.
    this.#view = new DataView(new ArrayBuffer(bytes));
    this.addresses = new BigUint64Array(new ArrayBuffer(8));
    this.addresses[0] = Deno.UnsafePointer.value(Deno.UnsafePointer.of(this.#view));
    for (const name of Object.keys(fields) as Name[]) this.set(name, values[name]);
  }

  /** Changes a value. @throws {RangeError} If it is none of its field's kind. */
  set(name: Name, value: number | bigint): void {
    const { offset, kind } = this.#fields[name];
    if (kind === "pointer" && typeof value === "bigint") {
      this.#view.setBigUint64(offset, value, true);
    } else if (kind === "float" && typeof value === "number") {
      this.#view.setFloat32(offset, value, true);
    } else if (kind === "int" && typeof value === "number" && value === (value | 0)) {
      this.#view.setInt32(offset, value, true);
    } else if (kind === "uint" && typeof value === "number" && value === value >>> 0) {
      this.#view.setUint32(offset, value, true);
    } else {
      throw new RangeError(`Cannot pass ${value} as ${kind} ${name} to a kernel`);
    }
  }

  /** Changes several values. */
  assign(values: Partial<KernelValues<Name>>): void {
    for (const name in values) this.set(name, values[name]!);
  }
}
