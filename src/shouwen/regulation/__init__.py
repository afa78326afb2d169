"""The regulation as data and the engine that turns it into clocks. Pure Python, no Django."""
