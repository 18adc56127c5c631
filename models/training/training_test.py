"""Laws of the training code: `python -m unittest training_test`, in this folder."""

import json
import math
from pathlib import Path
import tempfile
import unittest

import numpy as np
import onnx
import torch

import criterion
import export
import frames
import model
import muon
import train

CAR, PEDESTRIAN = 0, 3


def write_frames(folder: str, *, seed: int = 1, weather: str = "clear", count: int = 4) -> Path:
    """Frames as render.ts writes them: one red car on grey, at the same place in all."""
    prefix = Path(folder) / "frames"
    pixels = np.full((count, 384, 640, 3), 90, np.uint8)
    pixels[:, 100:180, 200:360] = (220, 30, 30)
    pixels.tofile(f"{prefix}.rgb")
    description = {
        "count": count,
        "height": 384,
        "width": 640,
        "classes": list(model.CLASS_NAMES),
        "columns": "image class x1 y1 x2 y2 visible truncated ignore track".split(),
        "images": [{"seed": seed, "seq": i, "weather": weather} for i in range(count)],
        "boxes": [[i, CAR, 200, 100, 360, 180, 1, 0, 0, 7] for i in range(count)],
    }
    Path(f"{prefix}.json").write_text(json.dumps(description))
    return prefix


class FramesTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def test_held_out_streets_are_refused(self) -> None:
        write_frames(self.folder, seed=frames.HELD_OUT_SEED_MIN - 1)
        frames.RenderedFrames(Path(self.folder) / "frames")
        write_frames(self.folder, seed=frames.HELD_OUT_SEED_MIN)
        with self.assertRaisesRegex(ValueError, "held out"):
            frames.RenderedFrames(Path(self.folder) / "frames")

    def test_bad_weather_is_refused(self) -> None:
        write_frames(self.folder, weather="fog:1")
        with self.assertRaisesRegex(ValueError, "fog:1"):
            frames.RenderedFrames(Path(self.folder) / "frames")

    def test_boxes_move_with_their_pixels(self) -> None:
        data = frames.RenderedFrames(write_frames(self.folder))
        batches = frames.TrainingBatches(data, 8, 20, 15, seed=3)
        for step in range(20):
            batch = batches[step]
            for image, boxes, states in zip(batch.images, batch.boxes, batch.states):
                red = image[:, :, 0].astype(int) - image[:, :, 1] > 60
                found = np.array(
                    [f(np.flatnonzero(red.any(a))) for f in (np.min, np.max) for a in (0, 1)]
                )
                self.assertEqual(states[0], frames.OBJECT)
                np.testing.assert_allclose(boxes[0], found + [0, 0, 1, 1], atol=1.1)

    def test_batches_follow_from_seed_and_number(self) -> None:
        data = frames.RenderedFrames(write_frames(self.folder))
        a = frames.TrainingBatches(data, 3, 9, 6, seed=5)
        b = frames.TrainingBatches(data, 3, 9, 6, seed=5)
        a[0]
        for step in (7, 2):
            np.testing.assert_array_equal(a[step].images, b[step].images)
        other = frames.TrainingBatches(data, 3, 9, 6, seed=6)
        self.assertTrue((a[2].images != other[2].images).any())

    def test_parts_of_a_batch_are_that_batch(self) -> None:
        data = frames.RenderedFrames(write_frames(self.folder))
        whole = frames.TrainingBatches(data, 4, 9, 6, seed=5)[3].images
        for part in range(2):
            half = frames.TrainingBatches(data, 4, 9, 6, seed=5, part=part, parts=2)[3].images
            np.testing.assert_array_equal(half, whole[part::2])

    def test_what_a_cut_hides_is_ignored(self) -> None:
        row = np.array([[CAR, 0, 0, 100, 50, 1.0, 0]], np.float32)
        half = frames.move_boxes(row, 1.0, -50.0, 0.0, (640, 384))
        np.testing.assert_allclose(half, [[CAR, 0, 0, 50, 50, 0.5, 0]])
        rest = frames.move_boxes(row, 1.0, -80.0, 0.0, (640, 384))
        self.assertEqual(rest[0, 6], 1)
        self.assertEqual(len(frames.move_boxes(row, 1.0, -99.0, 0.0, (640, 384))), 0)


    def test_bands_show_an_object_and_the_last_steps_whole_pictures(self) -> None:
        data = frames.RenderedFrames(write_frames(self.folder))
        batches = frames.TrainingBatches(data, 4, 12, 9, seed=5)
        heights = [batches[step].images.shape[1] for step in range(12)]
        self.assertEqual(heights, 3 * [384, 192, 192] + 3 * [384])
        for step in (1, 2, 4, 5, 7, 8):
            self.assertTrue((batches[step].states[:, 0] == frames.OBJECT).all())

    def test_objects_that_a_zoom_makes_too_small_are_ignored(self) -> None:
        row = np.array([[PEDESTRIAN, 10, 10, 16, 22, 1.0, 0]], np.float32)
        self.assertEqual(frames.move_boxes(row, 1.0, 0.0, 0.0, (640, 384))[0, 6], 0)
        self.assertEqual(frames.move_boxes(row, 0.9, 0.0, 0.0, (640, 384))[0, 6], 1)


class MuonTest(unittest.TestCase):
    def test_every_direction_weighs_about_the_same(self) -> None:
        generator = torch.Generator().manual_seed(1)
        for shape in ((48, 432), (96, 24), (24, 24)):
            # Singular values from 1 down to a hundredth.
            left, _, right = torch.linalg.svd(
                torch.randn(shape, generator=generator), full_matrices=False
            )
            matrix = left * torch.logspace(0, -2, min(shape)) @ right
            # In its own directions the result is a diagonal of numbers near 1.
            found = left.T @ muon.orthogonalise(matrix) @ right.T
            values = found.diagonal()
            torch.testing.assert_close(found, values.diag(), rtol=0, atol=1e-4)
            self.assertGreater(float(values.min()), 0.4)
            self.assertLess(float(values.max()), 1.3)

    def test_steps_are_as_long_for_every_shape(self) -> None:
        for shape in ((48, 48, 3, 3), (32, 3, 6, 6), (24, 96, 1, 1)):
            weight = torch.nn.Parameter(torch.zeros(shape))
            weight.grad = torch.randn(shape, generator=torch.Generator().manual_seed(1))
            optimizer = muon.Muon([weight], decay=0.0, momentum=0.9)
            optimizer.param_groups[0]["lr"] = 0.01
            optimizer.step()
            mean_square = float(weight.detach().square().mean())
            self.assertAlmostEqual(mean_square**0.5 / 0.01, 0.9, delta=0.25)


class CriterionTest(unittest.TestCase):
    def setUp(self) -> None:
        torch.manual_seed(1)
        self.cells = model.make_cells(96, 160)
        self.criterion = criterion.Criterion(self.cells)
        self.count = self.cells.shape[1]

    def truth(self, *boxes: list[float], classes: list[int], states: list[int]):
        return (
            torch.tensor([boxes], dtype=torch.float32),
            torch.tensor([classes]),
            torch.tensor([states], dtype=torch.uint8),
        )

    def test_every_object_gets_a_cell_however_small(self) -> None:
        scores = torch.full((1, 4, self.count), 0.01)
        raw = torch.zeros(1, 4, self.count)
        raw[:, 2:] = 1.0
        predicted = criterion._corners(model.decode_boxes(raw, self.cells)).transpose(1, 2)
        boxes, classes, states = self.truth(
            [61.0, 40.0, 64.0, 43.0], [0.0, 0.0, 150.0, 90.0], classes=[0, 1], states=[1, 1]
        )
        found = self.criterion.assign(scores, predicted, boxes, classes, states == 1)
        self.assertEqual(set(found.row[found.positive].tolist()), {0, 1})
        self.assertLessEqual(int(found.positive.sum()), 20)
        self.assertTrue((found.quality[found.positive] > 0).all())
        self.assertTrue((found.quality[~found.positive] == 0).all())

    def test_a_right_answer_costs_next_to_nothing_and_a_wrong_one_much(self) -> None:
        boxes, classes, states = self.truth([40.0, 20.0, 80.0, 60.0], classes=[2], states=[1])
        x, y, stride = self.cells
        raw = torch.stack([(60 - x) / stride, (40 - y) / stride, *2 * [torch.log(40 / stride)]])
        predicted = criterion._corners(model.decode_boxes(raw[None], self.cells)).transpose(1, 2)
        even = torch.full((1, 4, self.count), 0.5)
        chosen = self.criterion.assign(even, predicted, boxes, classes, states == 1).positive
        right = torch.full((1, 4, self.count), -12.0)
        right[:, 2][chosen] = 12.0
        class_loss, box_loss = self.criterion(right, raw[None], boxes, classes, states)
        self.assertLess(float(box_loss), 1e-5)
        wrong = self.criterion(right.roll(1, 1), raw[None], boxes, classes, states)[0]
        self.assertGreater(float(wrong), 10 * float(class_loss) + 1)

    def test_ignored_boxes_are_no_background_in_their_class(self) -> None:
        logits = torch.full((1, 4, self.count), -6.0)
        raw = torch.zeros(1, 4, self.count)
        cell = int(((self.cells[0] == 44) & (self.cells[1] == 44) & (self.cells[2] == 8)).nonzero())
        logits[0, CAR, cell] = 6.0
        box = [32.0, 32.0, 56.0, 56.0]
        ignored = self.truth(box, classes=[CAR], states=[frames.IGNORED])
        other = self.truth(box, classes=[PEDESTRIAN], states=[frames.IGNORED])
        quiet = float(self.criterion(logits, raw, *ignored)[0])
        loud = float(self.criterion(logits, raw, *other)[0])
        self.assertLess(quiet, 0.01)
        self.assertGreater(loud, 1.0)

    def test_a_second_class_at_an_object_costs_more_than_one_beside_it(self) -> None:
        truth = self.truth([40.0, 20.0, 80.0, 60.0], classes=[CAR], states=[frames.OBJECT])
        x, y, stride = self.cells
        raw = torch.stack([(60 - x) / stride, (40 - y) / stride, *2 * [torch.log(40 / stride)]])
        logits = torch.full((1, 4, self.count), -12.0)
        predicted = criterion._corners(model.decode_boxes(raw[None], self.cells)).transpose(1, 2)
        chosen = self.criterion.assign(
            logits.sigmoid(), predicted, *truth[:2], truth[2] == 1
        ).positive[0]
        costs = []
        for where in (chosen.nonzero()[0], (~chosen).nonzero()[0]):
            also = logits.clone()
            also[0, PEDESTRIAN, where] = -1.0
            costs.append(
                float(self.criterion(also, raw[None], *truth)[0])
                - float(self.criterion(logits, raw[None], *truth)[0])
            )
        self.assertGreater(costs[0], 5 * costs[1])

    def test_ciou_by_hand(self) -> None:
        a = torch.tensor([[0.0, 0.0, 2.0, 2.0]])
        b = torch.tensor([[1.0, 0.0, 3.0, 4.0]])
        iou, distance = 2 / 10, (1 + 1) / (9 + 16)
        shape = 4 / math.pi**2 * (math.atan(0.5) - math.atan(1)) ** 2
        expected = 1 - iou + distance + shape * shape / (1 - iou + shape)
        self.assertAlmostEqual(float(criterion.ciou_loss(a, b)), expected, places=6)

    def test_a_batch_without_objects_trains_the_background_only(self) -> None:
        logits = torch.zeros(1, 4, self.count, requires_grad=True)
        raw = torch.zeros(1, 4, self.count, requires_grad=True)
        truth = self.truth([0.0, 0.0, 0.0, 0.0], classes=[0], states=[frames.PADDING])
        class_loss, box_loss = self.criterion(logits, raw, *truth)
        (class_loss + box_loss).backward()
        self.assertTrue((logits.grad > 0).all())
        self.assertEqual(float(box_loss.detach()), 0)


class TrainingTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        torch.set_num_threads(1)
        self.recipe = train.Recipe(steps=4, batch=2, rate=1e-3, seed=1, warm_up=2)
        data = frames.RenderedFrames(write_frames(folder.name))
        self.batches = frames.TrainingBatches(data, 2, 4, 3, seed=1)

    def test_an_interrupted_run_ends_with_the_same_weights(self) -> None:
        whole = train.Trainer(self.recipe, torch.device("cpu"))
        for step in range(4):
            whole.learn(self.batches[step])
        first = train.Trainer(self.recipe, torch.device("cpu"))
        for step in range(2):
            first.learn(self.batches[step])
        first.cpu_s = 1.5
        first.save(self.folder / "checkpoint.pt")
        second = train.Trainer(self.recipe, torch.device("cpu"))
        second.resume(self.folder / "checkpoint.pt")
        self.assertEqual((second.step, second.cpu_s), (2, 1.5))
        for step in range(2, 4):
            second.learn(self.batches[step])
        for a, b in zip(
            whole.average.model.state_dict().values(), second.average.model.state_dict().values()
        ):
            torch.testing.assert_close(a, b, rtol=0, atol=0)

    def test_a_checkpoint_of_another_recipe_is_refused(self) -> None:
        trainer = train.Trainer(self.recipe, torch.device("cpu"))
        trainer.save(self.folder / "checkpoint.pt")
        other = train.Trainer(train.Recipe(8, 2, 1e-3, 1), torch.device("cpu"))
        with self.assertRaisesRegex(ValueError, "another --out"):
            other.resume(self.folder / "checkpoint.pt")

    def test_a_level_run_goes_on_as_a_shorter_one(self) -> None:
        long, short = train.Recipe(400, 2, 1e-3, 1), train.Recipe(200, 2, 1e-3, 1)
        rates = [recipe.rate_at(149) for recipe in (long, short)]
        self.assertEqual(rates, [1e-3, 1e-3])
        self.assertAlmostEqual(short.rate_at(199) / 1e-3, 0.02 + 0.98 * (1 - math.sqrt(49 / 50)))
        self.assertTrue(short.can_resume(long, 150))
        self.assertFalse(short.can_resume(long, 151))
        self.assertTrue(short.can_resume(short, 199))
        self.assertFalse(short.can_resume(train.Recipe(400, 2, 2e-3, 1), 10))

    def test_the_exported_file_computes_what_pytorch_does(self) -> None:
        trainer = train.Trainer(self.recipe, torch.device("cpu"))
        for step in range(2):
            trainer.learn(self.batches[step])
        trainer.save(self.folder / "checkpoint.pt")
        path = self.folder / "small.onnx"
        export.export(export.load_trained(self.folder / "checkpoint.pt"), path)
        export.write_manifest(path)
        self.assertLess(path.stat().st_size, 3_000_000)
        stated = {p.key: p.value for p in onnx.load(path).metadata_props}
        self.assertEqual(stated["names"], "{0: 'car', 1: 'van', 2: 'bicycle', 3: 'pedestrian'}")
        self.assertEqual(stated["imgsz"], "[384, 640]")
        self.assertTrue((self.folder / "small.manifest.json").exists())


if __name__ == "__main__":
    unittest.main()
