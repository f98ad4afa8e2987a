"""Media of which every truth is known, made on the spot."""
