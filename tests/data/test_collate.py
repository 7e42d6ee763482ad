"""Padding, packing and picture indices: every token of every sample arrives, once, where it belongs."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from toys import make_processor, picture, talk
from transformers import CLIPImageProcessorPil

from vistune.core.errors import DataError, ModelError
from vistune.data.batch import IGNORE, Role
from vistune.data.collate import pack_lengths
from vistune.data.encoded import FIELDS
from vistune.data.example import Example, ImageSource, assistant, user

NAMES = ("input_ids", "roles", "turn", "answer", "image", "row", "col", "labels")


def image_processor(size=8):
    return CLIPImageProcessorPil(size={"shortest_edge": size}, crop_size={"height": size, "width": size})


def samples(processor):
    """Unequal lengths; none, one and two pictures; the first has none."""
    examples = [
        talk("a?", "yes", images=0, name="none"),
        talk("what colour is the cat?", "red", name="one", first=1),
        talk("and?", "blue", "describe the picture", "two blue dogs", images=2, name="two", first=2),
        talk("a red cat?", "no", images=0, name="last"),
    ]
    return processor.encode_many(examples)


def rebuild(batch, row, index):
    """The table ``[8, L]`` of sample ``index`` of ``row``, with local picture numbers."""
    here = batch.sample[row] == index
    table = torch.stack([getattr(batch, name)[row][here].long() for name in NAMES]).numpy()
    seen = table[4] >= 0
    if seen.any():
        table[4, seen] -= table[4, seen].min()
    return table


@pytest.mark.parametrize("side", ["right", "left"])
def test_rows_hold_their_samples_and_padding_nothing(side):
    processor = make_processor(images=image_processor())
    encoded = samples(processor)
    batch = processor.collate(encoded, side)
    width = max(map(len, encoded))
    assert batch.input_ids.shape == (4, width)
    for row, sample in enumerate(encoded):
        assert np.array_equal(rebuild(batch, row, 0), sample.table)
        padded = batch.sample[row] == -1
        assert padded.sum() == width - len(sample)
        real = (~padded).nonzero()[:, 0]
        expected = torch.arange(len(sample)) + (width - len(sample) if side == "left" else 0)
        assert torch.equal(real, expected)
        assert (batch.roles[row][padded] == Role.PAD).all()
        assert (batch.input_ids[row][padded] == processor.pad_token_id).all()
        assert not batch.answer[row][padded].any()
        for name, fill in (("turn", -1), ("image", -1), ("row", -1), ("col", -1), ("labels", IGNORE)):
            assert (getattr(batch, name)[row][padded] == fill).all()
    assert batch.ids == ["none", "one", "two", "last"]
    assert batch.answer.dtype == torch.bool
    assert len(FIELDS) == len(NAMES)


def test_picture_indices_lead_to_the_right_pixels():
    processor = make_processor(images=image_processor())
    encoded = samples(processor)
    for batch in (
        processor.collate(encoded),
        processor.collate(encoded[::-1]),
        processor.collate_packed([[encoded[2], encoded[0], encoded[1]], [encoded[3]]]),
        processor.collate_packed([[encoded[3]], [encoded[1], encoded[2]]]),
    ):
        assert batch.pixel_values.shape == (3, 3, 8, 8)
        assert batch.grids.tolist() == [[2, 3]] * 3
        place = 0
        for name in batch.ids:
            sample = next(s for s in encoded if s.id == name)
            for source in sample.images:
                assert torch.equal(batch.pixel_values[place], processor.pixels([source])[0])
                place += 1
        first_of = {}
        for row in range(batch.image.shape[0]):
            for image, sample in zip(batch.image[row].tolist(), batch.sample[row].tolist()):
                if image >= 0:
                    first_of.setdefault(image, (row, sample))
        assert sorted(first_of) == [0, 1, 2]
        owners = [first_of[image] for image in range(3)]
        assert owners == sorted(owners)


def test_packed_rows_tell_samples_apart():
    processor = make_processor(images=image_processor())
    encoded = samples(processor)
    rows = processor.pack(encoded, 60)
    batch = processor.collate_packed(rows)
    assert len(rows) < len(encoded)
    assert sorted(s.id for row in rows for s in row) == sorted(s.id for s in encoded)
    for number, row in enumerate(rows):
        present = batch.sample[number]
        assert present.max() == len(row) - 1
        changes = present[present >= 0].diff()
        assert ((changes == 0) | (changes == 1)).all()
        for index, sample in enumerate(row):
            assert np.array_equal(rebuild(batch, number, index), sample.table)


def test_width_is_a_multiple_where_asked():
    processor = make_processor()
    batch = processor.collate(processor.encode_many([talk("a?", "b", images=0)]), pad_to_multiple=16)
    assert batch.input_ids.shape[1] % 16 == 0


def test_text_only_batches_have_no_pixels():
    batch = make_processor(images=image_processor())([talk("a?", "b", images=0)])
    assert batch.pixel_values is None and batch.grids.shape == (0, 2)


def test_prompts_are_padded_left_and_have_no_labels():
    batch = make_processor(images=image_processor())(
        [talk("a?", "b"), talk("what colour?", "c", images=0)], prompt=True
    )
    assert batch.labels is None
    assert (batch.sample[:, -1] == 0).all()


def test_features_take_the_place_of_pixels():
    processor = make_processor(images=image_processor())
    seen = []

    def features(images):
        seen.extend(images)
        return torch.ones(len(images), 6, 4)

    encoded = samples(processor)
    batch = processor.collate(encoded, features=features)
    assert batch.pixel_values is None and batch.features.shape == (3, 6, 4)
    assert seen == [image for sample in encoded for image in sample.images]


def test_a_broken_picture_is_told_with_its_sample():
    processor = make_processor(images=image_processor())
    bad = Example("broken", [user("a", (0,)), assistant("b")], [ImageSource(data=b"")])
    with pytest.raises(DataError, match=r"Example 'broken': .*0 bytes"):
        processor([talk("a?", "b"), bad])


def test_pictures_without_an_image_processor():
    processor = make_processor()
    with pytest.raises(ModelError, match="no image processor"):
        processor([talk("a?", "b")])
    assert processor.collate(processor.encode_many([talk("a?", "b")]), load_images=False).pixel_values is None


def test_an_empty_batch_is_refused():
    with pytest.raises(DataError, match="at least one sample"):
        make_processor().collate([])


@settings(deadline=None)
@given(st.lists(st.integers(1, 50), max_size=60))
def test_packing_loses_nothing_and_is_tight(lengths):
    bins = pack_lengths(lengths, 50)
    assert sorted(item for items in bins for item in items) == list(range(len(lengths)))
    loads = sorted(sum(lengths[item] for item in items) for items in bins)
    assert all(load <= 50 for load in loads)
    assert len(loads) < 2 or loads[0] + loads[1] > 50  # no two rows would fit into one
    assert all(items == sorted(items) for items in bins)


def test_packed_rows_are_about_equally_full():
    lengths = [45, 20, 20, 5]  # best fit alone gives rows of 65 and 25
    bins = pack_lengths(lengths, 65)
    assert [sum(lengths[item] for item in items) for items in bins] == [45, 45]
    # Where spreading is worse than best fit (32 tokens do not fit into 30), best fit stays.
    lengths = [15, 15, 10, 10, 10]
    assert sorted(sum(lengths[item] for item in items) for items in pack_lengths(lengths, 30)) == [30, 30]


def test_packing_refuses_what_is_too_long():
    with pytest.raises(DataError, match="51 tokens does not fit into rows of 50"):
        pack_lengths([3, 51], 50)


def test_tensors_of_one_picture_per_sample_are_not_mixed_up():
    """A hundred samples of a picture each: token -> picture -> sample is the identity."""
    processor = make_processor(images=image_processor())
    examples = [talk("a?", "b", name=str(n), first=n) for n in range(100)]
    batch = processor(examples)
    assert torch.equal(batch.image.max(dim=1).values, torch.arange(100))
    assert torch.equal(batch.pixel_values[17], processor.pixels([picture(17)])[0])
