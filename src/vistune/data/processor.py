"""``Processor``: an ``Example`` to tokens with roles and labels, and those to a ``Batch``.

The whole conversation goes through the tokenizer's own chat template and is tokenised as one text, as it will be when
the model is asked. Labels are set by character spans: on each assistant's answer and its end mark, nowhere else.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from vistune.core.errors import DataError, ModelError
from vistune.core.files import write_json
from vistune.data.batch import IGNORE, Batch
from vistune.data.collate import PaddingSide, collate_rows, pack
from vistune.data.encoded import Dropped, Encoded, TruncationReport
from vistune.data.example import Example, ImageSource, Region
from vistune.data.pixels import PixelProcessor
from vistune.data.tables import TableMaker
from vistune.data.template import ChatLayout, Rendered, Turn, check_fast
from vistune.data.tokens import TextEncoder, control_tokens, template_of
from vistune.data.turns import drop_oldest, flatten

SETTINGS = "vistune_processor.json"

#: Truncation cuts a user's text down to this many tokens, no further.
LEAST_TEXT = 16


def relative_box(region: Region, image: ImageSource) -> str:
    """A region as text: its box (or point) in shares of the picture's width and height, two digits."""
    width, height = image.size()
    place = region.box or region.point
    if place is None:
        raise DataError("a region without a box or a point cannot be written as text.")
    scaled = (value / (height if axis % 2 else width) for axis, value in enumerate(place))
    return "[" + ", ".join(f"{min(max(value, 0.0), 1.0):.2f}" for value in scaled) + "]"


class Processor:
    """Tokens, roles, labels and pixels for a model whose pictures are ``grid`` (rows, columns) of visual tokens.

    ``image_token`` is the placeholder that the chat template writes for a picture; where the tokenizer does not know
    it, the pad id stands at visual tokens. ``modality_token`` opens each sample with one ``MODALITY`` token.
    ``max_length`` shortens longer samples: oldest turns go first, then the ends of long user texts; a picture is never
    cut. ``carry_images``: the pictures of a dropped turn move to the oldest turn that stays (later turns speak of
    them); otherwise they go with it. ``template_options`` are passed to the chat template.
    """

    def __init__(
        self,
        tokenizer: Any,
        image_processor: Any,
        *,
        grid: tuple[int, int],
        image_token: str = "<image>",
        modality_token: bool = False,
        max_length: int | None = None,
        carry_images: bool = True,
        region_text: Callable[[Region, ImageSource], str] = relative_box,
        template_options: dict[str, Any] | None = None,
    ) -> None:
        check_fast(tokenizer)
        self.tokenizer = tokenizer
        self.image_processor = image_processor
        self.grid = (int(grid[0]), int(grid[1]))
        self.image_token = image_token
        self.max_length = max_length
        self.carry_images = carry_images
        self.region_text = region_text
        self.template_options = template_options or {}
        self.truncation = TruncationReport()
        self.pixels = None if image_processor is None else PixelProcessor(image_processor)
        self._template = template_of(tokenizer)
        controls = control_tokens(tokenizer, self._template, image_token, self._render)
        self._layout = ChatLayout(self._render, self._template, controls, image_token, tokenizer.eos_token)
        self._encoder = TextEncoder(tokenizer, controls, self._layout.marker, image_token)
        self.modality_token = modality_token

    @property
    def modality_token(self) -> bool:
        """Does each sample open with a modality token? May be changed: adapters that route on it come and go."""
        return self._modality_token

    @modality_token.setter
    def modality_token(self, wanted: bool) -> None:
        self._modality_token = wanted
        self._tables = TableMaker(self._encoder, self.grid, wanted)

    @property
    def pad_token_id(self) -> int:
        """Id that fills rows up (never attended, never learned)."""
        return self._encoder.pad_id

    @property
    def image_tokens(self) -> int:
        """Visual tokens a picture."""
        return self.grid[0] * self.grid[1]

    # -- encoding ------------------------------------------------------------------------------------------------------

    def encode(self, example: Example) -> Encoded:
        """A conversation that ends with an answer, with labels. Raises ``DataError`` with the example's id."""
        return self.encode_many([example])[0]

    def prompt(self, example: Example) -> Encoded:
        """The conversation up to where the model is to answer, without labels; a last answer is left out."""
        return self.encode_many([example], prompt=True)[0]

    def encode_many(
        self,
        examples: Sequence[Example],
        *,
        prompt: bool = False,
        on_error: Callable[[Example, DataError], None] | None = None,
    ) -> list[Encoded]:
        """Encode several at once (faster). With ``on_error`` a bad example is handed to it and left out."""
        prepared: list[tuple[Example, list[Turn], Rendered]] = []
        for example in examples:
            try:
                turns = flatten(example, self.region_text, prompt)
                prepared.append((example, turns, self._layout.render(turns, prompt=prompt)))
            except DataError as error:
                _fail(example, error, on_error)
        tables = self._tables.make([turns for _, turns, _ in prepared], [r for *_, r in prepared], prompt)
        out = []
        for (example, turns, _), (table, slots) in zip(prepared, tables):
            try:
                out.append(self._fit(example, turns, table, slots, prompt))
            except DataError as error:
                _fail(example, error, on_error)
        return out

    def _render(self, messages: list[dict[str, Any]], prompt: bool) -> str:
        return self.tokenizer.apply_chat_template(
            messages,
            chat_template=self._template,
            tokenize=False,
            add_generation_prompt=prompt,
            **self.template_options,
        )

    # -- fitting -------------------------------------------------------------------------------------------------------

    def _fit(self, example: Example, turns: list[Turn], table: np.ndarray, slots: np.ndarray, prompt: bool) -> Encoded:
        """Shorten where needed, check, and attach the pictures."""
        dropped, limit, whole = Dropped(), self.max_length, table.shape[1]
        given = sum(isinstance(piece, int) for turn in turns for piece in turn.pieces)
        while limit is not None and table.shape[1] > limit:
            shorter = drop_oldest(turns, self.carry_images)
            if shorter is None:
                table = self._cut_texts(turns, table, slots, limit, dropped)
                break
            dropped.turns += len(turns) - len(shorter)
            turns = shorter
            rendered = self._layout.render(turns, prompt=prompt)
            table, slots = next(self._tables.make([turns], [rendered], prompt))
        if limit is not None and table.shape[1] > limit:
            self.truncation.rejected += 1
            self.truncation.samples += 1
            raise DataError(
                f"{whole} tokens do not fit into max_length={limit}: {table.shape[1]} are left after dropping what may "
                "be dropped (pictures and answers are never cut). Raise max_length or use a coarser picture grid."
            )
        if not prompt and not (table[7] != IGNORE).any():
            raise DataError("no token is supervised: no answer of it is to be learned.")
        images = [example.images[piece] for turn in turns for piece in turn.pieces if isinstance(piece, int)]
        dropped.images = given - len(images)
        self.truncation.add(dropped)
        return Encoded(example.id, table, images, prompt, dropped)

    def _cut_texts(
        self, turns: list[Turn], table: np.ndarray, slots: np.ndarray, limit: int, dropped: Dropped
    ) -> np.ndarray:
        """Cut the ends of long user texts, oldest first, down to ``LEAST_TEXT`` tokens each."""
        keep = np.ones(table.shape[1], dtype=bool)
        for slot in range(slots.max(initial=-1) + 1):
            tokens = np.flatnonzero(slots == slot)
            if not len(tokens) or turns[table[2, tokens[0]]].role != "user":
                continue
            excess = min(int(keep.sum()) - limit, len(tokens) - LEAST_TEXT)
            if excess > 0:
                keep[tokens[-excess:]] = False
        dropped.text_tokens += int((~keep).sum())
        return table[:, keep]

    # -- batches -------------------------------------------------------------------------------------------------------

    def collate(
        self,
        samples: Sequence[Encoded],
        padding_side: PaddingSide = "right",
        pad_to_multiple: int | None = None,
        *,
        load_images: bool = True,
        features: Callable[[list[ImageSource]], Tensor] | None = None,
    ) -> Batch:
        """One sample a row. ``features`` gives cached features ``[N, V', D']`` in place of pixel values."""
        return self.collate_packed([[s] for s in samples], padding_side, pad_to_multiple, load_images, features)

    def pack(self, samples: Sequence[Encoded], length: int) -> list[list[Encoded]]:
        """Rows of samples of at most ``length`` tokens each, few of them."""
        return pack(samples, length)

    def collate_packed(
        self,
        rows: Sequence[Sequence[Encoded]],
        padding_side: PaddingSide = "right",
        pad_to_multiple: int | None = None,
        load_images: bool = True,
        features: Callable[[list[ImageSource]], Tensor] | None = None,
    ) -> Batch:
        """Several samples a row; ``Batch.sample`` tells them apart."""
        if load_images and features is None and self.pixels is None and any(s.images for row in rows for s in row):
            raise ModelError("This processor has no image processor, but the samples hold pictures.")
        return collate_rows(
            rows,
            pad_id=self.pad_token_id,
            grid=self.grid,
            padding_side=padding_side,
            pad_to_multiple=pad_to_multiple,
            load=self.pixels if load_images else None,
            load_features=features,
        )

    def __call__(self, examples: Sequence[Example], *, prompt: bool = False, **options: Any) -> Batch:
        """Encode and collate; prompts are padded on the left. ``options`` go to ``collate``."""
        options.setdefault("padding_side", "left" if prompt else "right")
        return self.collate(self.encode_many(examples, prompt=prompt), **options)

    # -- files ---------------------------------------------------------------------------------------------------------

    def save_pretrained(self, folder: Path | str) -> None:
        """Write the tokenizer, the image processor and these settings into ``folder``."""
        self.tokenizer.save_pretrained(folder)
        if self.image_processor is not None:
            self.image_processor.save_pretrained(folder)
        settings = {
            "grid": list(self.grid),
            "image_token": self.image_token,
            "modality_token": self.modality_token,
            "max_length": self.max_length,
            "carry_images": self.carry_images,
            "template_options": self.template_options,
        }
        write_json(Path(folder) / SETTINGS, settings)

    @classmethod
    def from_pretrained(cls, folder: Path | str, **changes: Any) -> Processor:
        """Read what ``save_pretrained`` wrote; ``changes`` override settings. Raises ``ModelError``."""
        from transformers import AutoTokenizer

        from vistune.data.pixels import load_image_processor

        path = Path(folder) / SETTINGS
        if not path.is_file():
            raise ModelError(f"{folder} holds no {SETTINGS}: it was not written by Processor.save_pretrained.")
        settings = json.loads(path.read_text(encoding="utf-8"))
        has_images = (Path(folder) / "preprocessor_config.json").is_file()
        image_processor = load_image_processor(folder) if has_images else None
        return cls(AutoTokenizer.from_pretrained(folder), image_processor, **{**settings, **changes})


def _fail(example: Example, error: DataError, on_error: Callable[[Example, DataError], None] | None) -> None:
    told = DataError(f"Example '{example.id}': {error}")
    if on_error is None:
        raise told from error
    on_error(example, told)
