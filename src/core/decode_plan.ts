/** Where a tensor's element `index` of row `r` stands: element `at + r * step + index`. */
export interface RowSlice {
  /** The output's name. */
  readonly output: string;
  /** Element of row 0. */
  readonly at: number;
  /** Elements from one row to the next. */
  readonly step: number;
}

/** How the best class of every row is found. */
export type PickPlan =
  | {
    /** Scores side by side in each row. */
    readonly kind: "rows";
    /** The output's name. */
    readonly output: string;
    /** Elements per row. */
    readonly rowLength: number;
    /** Element of a row at which the scores start. */
    readonly classOffset: number;
    /** Element that multiplies every score; `-1` for none. */
    readonly objectnessOffset: number;
  }
  | {
    /** Scores class by class, `[classCount, rows]`. */
    readonly kind: "columns";
    /** The output's name. */
    readonly output: string;
    /** First element. */
    readonly offset: number;
  }
  | {
    /** Logits `[rows, channels]` that a softmax turns into probabilities. */
    readonly kind: "softmax";
    /** The output's name. */
    readonly output: string;
    /** Elements per row. */
    readonly channels: number;
  }
  | {
    /** A score and a class in each row, picked by the model. */
    readonly kind: "labelled";
    /** Where the score stands. */
    readonly score: RowSlice;
    /** Where the class stands. */
    readonly label: RowSlice;
    /** Whether classes are rounded to the nearest whole number, not down. */
    readonly roundLabels: boolean;
  };

/** Where each row's cell lies on the network input, `[rows]` each; see the anchor grid. */
export interface CellPlan {
  /** Column in cells. */
  readonly column: Float32Array;
  /** Row in cells. */
  readonly row: Float32Array;
  /** Size of the cell in network pixels. */
  readonly stride: Float32Array;
}

/** How the boxes of the picked rows are made. */
export type BoxPlan =
  | {
    /** Four numbers: corners, or centre and size. */
    readonly kind: "plain";
    /** The output's name. */
    readonly output: string;
    /** Elements from one row to the next. */
    readonly rowStep: number;
    /** Elements from one number to the next. */
    readonly valueStep: number;
    /** Whether they are corners. */
    readonly corners: boolean;
    /** Network pixels per unit, horizontally. */
    readonly scaleX: number;
    /** Network pixels per unit, vertically. */
    readonly scaleY: number;
  }
  | {
    /** YOLOX: offsets in a cell and logarithms of sizes. */
    readonly kind: "grid";
    /** The output's name. */
    readonly output: string;
    /** Elements from one row to the next. */
    readonly rowStep: number;
    /** The cells. */
    readonly cells: CellPlan;
  }
  | {
    /** NanoDet: a distribution over bins per side. */
    readonly kind: "bins";
    /** The output's name. */
    readonly output: string;
    /** Elements from one row to the next. */
    readonly rowStep: number;
    /** Element of a row at which the bins start. */
    readonly valueOffset: number;
    /** Bins per side. */
    readonly bins: number;
    /** Where in its cell a row is measured from: 0 or 1/2. */
    readonly centreOffset: number;
    /** Boxes end here: width of the network input in pixels. */
    readonly netWidth: number;
    /** Boxes end here: height of the network input in pixels. */
    readonly netHeight: number;
    /** The cells. */
    readonly cells: CellPlan;
  };

/**
 * How a model's outputs become candidates, as data: what an adapter does, for whoever computes it
 * elsewhere than in TypeScript.
 */
export interface DecodePlan {
  /** Rows of the model's output: the most candidates that a picture can give. */
  readonly rows: number;
  /** Number of classes. */
  readonly classCount: number;
  /** Shapes of the outputs that are read, by name. */
  readonly outputs: Readonly<Record<string, readonly number[]>>;
  /** How rows are picked. */
  readonly pick: PickPlan;
  /** Whether scores are logits: the threshold is one too, and candidates get probabilities. */
  readonly logits: boolean;
  /** How boxes are made. */
  readonly boxes: BoxPlan;
}
