import { assertEquals } from "@std/assert";
import { fakeModel } from "../../tests/support/fake_model.ts";
import { readExportMetadata } from "./export_metadata.ts";

function read(metadata: Record<string, string>) {
  return readExportMetadata(fakeModel({ outputs: {}, metadata }));
}

Deno.test("readExportMetadata() reads what Ultralytics states", () => {
  assertEquals(
    read({
      author: "Ultralytics",
      description: "Ultralytics YOLO26n model",
      stride: "32",
      task: "detect",
      head: "Detect",
      imgsz: "[480, 640]",
      names: "{0: 'a', 1: 'b'}",
      end2end: "True",
      args: "{'nms': True, 'half': False}",
    }),
    {
      classNames: ["a", "b"],
      imageSize: { height: 480, width: 640 },
      stride: 32,
      task: "detect",
      end2end: true,
      nms: true,
      head: "Detect",
      description: "Ultralytics YOLO26n model",
      exporter: "Ultralytics",
    },
  );
});

Deno.test("readExportMetadata() reads names as list or JSON, and one size for both sides", () => {
  assertEquals(read({ names: "['a', 'b']" }).classNames, ["a", "b"]);
  assertEquals(read({ names: '{"0": "a", "1": "b"}' }).classNames, ["a", "b"]);
  assertEquals(read({ names: "{0: 1, 1: 2}" }).classNames, ["1", "2"]);
  assertEquals(read({ imgsz: "320" }).imageSize, { height: 320, width: 320 });
  assertEquals(read({ stride: "[8, 16, 64]" }).stride, 64);
});

Deno.test("readExportMetadata() takes what it cannot read as absent", () => {
  const nothing = read({});
  assertEquals(
    read({ names: "{0: 'a', 2: 'c'}", imgsz: "[-1, 0]", stride: "many", end2end: "maybe" }),
    nothing,
  );
  assertEquals(read({ names: "[[1]]", imgsz: "[640, 99999]", stride: "0", task: "" }), nothing);
  assertEquals(read({ names: "{}", args: "broken {" }), nothing);
  assertEquals([nothing.classNames, nothing.end2end, nothing.exporter], [null, false, null]);
});
