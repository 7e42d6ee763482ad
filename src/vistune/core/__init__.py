"""What every room stands on: registries, configuration, errors, seeds, devices, progress."""
