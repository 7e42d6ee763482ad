"""Device, number format, allocator and memory: what the machine offers, decided in one place."""

from __future__ import annotations

import ctypes
import os
import platform
import sys
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import torch

Precision = Literal["auto", "fp32", "bf16"]

#: Options of glibc's ``mallopt`` (malloc.h).
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_KEEP_BYTES = 2**30

#: Set this variable to 0 to leave the allocator alone.
ALLOCATOR_SWITCH = "VISTUNE_ALLOCATOR"


@dataclass(frozen=True, slots=True)
class AllocatorState:
    """What ``setup_allocator`` did, and why not if it did nothing."""

    tuned: bool
    reason: str


@cache
def setup_allocator() -> AllocatorState:
    """Make glibc keep freed memory instead of giving it back to the system after each tensor.

    With the default thresholds every large tensor is mapped and unmapped anew, and a small model on CPU spends more
    time in page faults than in arithmetic. Both thresholds are raised to 1 GiB, once a process. Does nothing on other
    systems, with another allocator preloaded, or with ``VISTUNE_ALLOCATOR=0``.
    """
    if os.environ.get(ALLOCATOR_SWITCH, "1").lower() in ("0", "off", "false", "no"):
        return AllocatorState(False, f"{ALLOCATOR_SWITCH} is off")
    if not sys.platform.startswith("linux") or platform.libc_ver()[0] != "glibc":
        return AllocatorState(False, "not Linux with glibc")
    if any(name in os.environ.get("LD_PRELOAD", "") for name in ("jemalloc", "tcmalloc", "mimalloc")):
        return AllocatorState(False, "another allocator is preloaded")
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError) as error:
        return AllocatorState(False, f"no mallopt: {error}")
    mallopt.argtypes, mallopt.restype = (ctypes.c_int, ctypes.c_int), ctypes.c_int
    done = [mallopt(option, _KEEP_BYTES) == 1 for option in (_M_MMAP_THRESHOLD, _M_TRIM_THRESHOLD)]
    return AllocatorState(all(done), f"mmap and trim thresholds at {_KEEP_BYTES >> 20} MiB" if all(done) else "refused")


def pick_device(wanted: str | None = None) -> torch.device:
    """``wanted`` where given, else CUDA, else MPS, else the CPU."""
    import torch

    if wanted is not None and wanted != "auto":
        return torch.device(wanted)
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def pick_dtype(precision: Precision, device: torch.device) -> torch.dtype:
    """``auto`` is bfloat16 on a GPU that computes in it, and float32 elsewhere (on most CPUs bfloat16 is slower)."""
    import torch

    if precision == "fp32":
        return torch.float32
    if precision == "bf16":
        return torch.bfloat16
    fast = device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.bfloat16 if fast else torch.float32


def leave_group() -> None:
    """Leave the other processes of a distributed run. One that ends inside the group may be aborted as it ends."""
    import torch

    if torch.distributed.is_available() and torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()


def peak_memory() -> int:
    """Peak bytes so far: of the GPU where one is in use, else of this process."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available() and torch.cuda.is_initialized():
        return int(torch.cuda.max_memory_allocated())
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def total_memory() -> int:
    """Bytes of memory of the GPU where there is one, else of the machine (or of its control group, where lower)."""
    import torch

    if torch.cuda.is_available():
        return int(torch.cuda.get_device_properties(0).total_memory)
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min(machine, _group_limit() or machine)


def _group_limit() -> int | None:
    try:
        with open("/sys/fs/cgroup/memory.max", encoding="ascii") as file:  # noqa: PTH123 - not a user's path
            text = file.read().strip()
    except OSError:
        return None
    return int(text) if text.isdigit() else None


def describe_machine() -> dict[str, str | int]:
    """What a result depends on besides its recipe: versions, processor, threads, device."""
    import importlib.metadata

    import torch

    names = ("vistune", "torch", "transformers", "accelerate", "peft", "tokenizers", "numpy", "pillow")
    versions = {}
    for name in names:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            versions[name] = "absent"
    return {
        "python": platform.python_version(),
        **versions,
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": os.cpu_count() or 1,
        "threads": torch.get_num_threads(),
        "device": torch.cuda.get_device_name(0) if torch.cuda.is_available() else pick_device().type,
    }


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:  # noqa: PTH123 - not a user's path
            return next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), "unknown")
    except OSError:
        return platform.processor() or "unknown"
