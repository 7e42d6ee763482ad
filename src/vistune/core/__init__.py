"""What every room stands on: registries, configuration, errors, seeds, devices and progress. Knows no vision, no language."""
