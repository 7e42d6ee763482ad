"""One seed for everything: streams are derived from it by name, so that one draw more shifts nothing elsewhere."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import torch


@dataclass(frozen=True, slots=True)
class Seed:
    """A root seed from which independent streams are derived by name.

    >>> Seed(0).number("order") == Seed(0).number("order")
    True
    >>> Seed(0).number("order") == Seed(0).number("dropout")
    False
    """

    root: int = 0

    def number(self, *names: str | int) -> int:
        """A 63-bit seed for the stream called ``names``; stable across versions, machines and processes."""
        text = "/".join([str(self.root), *map(str, names)])
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1

    def derive(self, *names: str | int) -> Seed:
        """A seed of its own for the part called ``names``."""
        return Seed(self.number(*names))

    def python(self, *names: str | int) -> random.Random:
        """A generator of ``random``."""
        return random.Random(self.number(*names))

    def numpy(self, *names: str | int) -> np.random.Generator:
        """A generator of numpy."""
        import numpy as np

        return np.random.default_rng(self.number(*names))

    def torch(self, *names: str | int) -> torch.Generator:
        """A generator of torch on the CPU."""
        import torch

        return torch.Generator().manual_seed(self.number(*names))


def seed_everything(seed: int | Seed) -> Seed:
    """Seed the global generators of python, numpy and torch (all devices), each with a stream of its own."""
    import numpy as np
    import torch

    root = seed if isinstance(seed, Seed) else Seed(seed)
    random.seed(root.number("python"))
    np.random.seed(root.number("numpy") % 2**32)
    torch.manual_seed(root.number("torch"))
    return root


def seed_worker(worker: int) -> None:
    """``worker_init_fn`` of a data loader: python and numpy follow the seed that torch gave this worker."""
    import numpy as np
    import torch

    root = Seed(torch.initial_seed())
    random.seed(root.number("python", worker))
    np.random.seed(root.number("numpy", worker) % 2**32)
