"""The short way to pixel values equals Hugging Face's image processors."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from PIL import Image
from toys import picture, png
from transformers import CLIPImageProcessorPil, SiglipImageProcessorPil

from vistune.core.errors import ModelError
from vistune.data.example import ImageSource
from vistune.data.pixels import PixelProcessor, load_image_processor

PROCESSORS = {
    "clip": CLIPImageProcessorPil(size={"shortest_edge": 16}, crop_size={"height": 16, "width": 16}),
    "siglip": SiglipImageProcessorPil(size={"height": 16, "width": 16}),
    "plain": SiglipImageProcessorPil(size={"height": 16, "width": 16}, do_normalize=False),
    "raw": SiglipImageProcessorPil(size={"height": 16, "width": 16}, do_normalize=False, do_rescale=False),
    "oblong": SiglipImageProcessorPil(size={"height": 8, "width": 24}),
    "own numbers": CLIPImageProcessorPil(
        size={"shortest_edge": 16},
        crop_size={"height": 16, "width": 16},
        image_mean=[0.1, 0.2, 0.3],
        image_std=[0.5, 0.6, 0.7],
    ),
}


def truth(processor, sources):
    return processor(images=[source.open() for source in sources], return_tensors="pt")["pixel_values"]


@pytest.mark.parametrize("name", PROCESSORS)
def test_short_way_equals_the_processor(name):
    processor = PROCESSORS[name]
    pixel = PixelProcessor(processor)
    assert pixel.fast
    sources = [picture(seed, pixel.size) for seed in range(4)]
    result = pixel(sources)
    assert result.dtype == torch.float32 and result.is_contiguous()
    torch.testing.assert_close(result, truth(processor, sources).float(), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("name", ["clip", "siglip"])
def test_mixed_sizes_keep_their_order(name):
    processor = PROCESSORS[name]
    sources = [picture(0, (16, 16)), picture(1, (40, 30)), picture(2, (16, 16)), picture(3, (9, 50))]
    sources.append(ImageSource(data=png(Image.fromarray(np.full((20, 20), 99, dtype=np.uint8)))))
    torch.testing.assert_close(PixelProcessor(processor)(sources), truth(processor, sources), atol=1e-5, rtol=1e-5)


def test_a_processor_that_crops_within_its_size_has_no_short_way_but_is_right():
    processor = CLIPImageProcessorPil(size={"shortest_edge": 20}, crop_size={"height": 16, "width": 16})
    pixel = PixelProcessor(processor)
    assert not pixel.fast
    sources = [picture(0, (16, 16)), picture(1, (20, 20))]
    torch.testing.assert_close(pixel(sources), truth(processor, sources))


def test_several_crops_a_picture_are_refused():
    class Tiles:
        size = None

        def __call__(self, images, return_tensors):
            return {"pixel_values": torch.zeros(1, 5, 3, 8, 8)}

    with pytest.raises(ModelError, match="several crops"):
        PixelProcessor(Tiles())([picture()])


def test_loading_takes_the_form_without_torchvision(tmp_path):
    PROCESSORS["clip"].save_pretrained(tmp_path)
    assert type(load_image_processor(tmp_path)) is CLIPImageProcessorPil
    settings = json.loads((tmp_path / "preprocessor_config.json").read_text())
    for name in ("CLIPImageProcessorPil", "CLIPImageProcessor", "CLIPImageProcessorFast", "CLIPFeatureExtractor"):
        settings["image_processor_type"] = name
        (tmp_path / "preprocessor_config.json").write_text(json.dumps(settings))
        assert type(load_image_processor(tmp_path)) is CLIPImageProcessorPil
    (tmp_path / "preprocessor_config.json").write_text('{"image_processor_type": "NoneSuch"}')
    with pytest.raises(ModelError, match="no image processor 'NoneSuch'"):
        load_image_processor(tmp_path)
