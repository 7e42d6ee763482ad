"""Runs a recipe; started by tests with ``accelerate launch``: nano_run.py RECIPE FOLDER."""

from __future__ import annotations

import sys

from vistune.core.device import leave_group
from vistune.tuning.recipe import load_recipe
from vistune.tuning.tune import tune

if __name__ == "__main__":
    tune(load_recipe(sys.argv[1]), sys.argv[2])
    leave_group()
