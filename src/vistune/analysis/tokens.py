"""Which tokens of a prompt are a picture's, whatever the model is inside."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from vistune.core.errors import ModelError
from vistune.data.batch import Batch, Role
from vistune.models.interface import Answerer


def token_masks(model: Answerer, inputs: Any) -> dict[str, Tensor]:
    """Of prepared prompts: bool ``[rows, tokens]`` of visual tokens (``image``), of other words (``text``), and of both (``all``).

    Padding is none of them. Raises ``ModelError`` for a network that has no placeholder of pictures among its tokens.
    """
    if isinstance(inputs, Batch):
        seen, image = inputs.roles != int(Role.PAD), inputs.roles == int(Role.IMAGE)
    else:
        placeholder = getattr(model.module.config, "image_token_id", None)
        if placeholder is None:
            raise ModelError(f"{type(model.module).__name__} does not say which of its tokens are a picture's.")
        seen, image = inputs["attention_mask"].bool(), inputs["input_ids"] == int(placeholder)
    return {"image": image & seen, "text": seen & ~image, "all": seen}
