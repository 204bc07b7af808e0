"""What every number about speed in the README was measured with. No test measures time."""
